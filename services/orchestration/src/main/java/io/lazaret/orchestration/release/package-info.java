/**
 * What the world outside sees of a release: pointers for serving systems and attestations. Written
 * after the record, from the record, so that writing it again is harmless.
 */
package io.lazaret.orchestration.release;
