/**
 * Every service in one process, by default with its own Kafka, registry and S3 beside them: order
 * of starting and stopping, and nothing else.
 */
package io.lazaret.standalone;
