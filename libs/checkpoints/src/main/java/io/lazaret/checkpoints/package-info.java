/**
 * Models and evidence in an S3 store: content-addressed, written once, verified on every read. Only
 * the S3 protocol is relied on.
 */
package io.lazaret.checkpoints;
