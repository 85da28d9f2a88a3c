/** Figures of the platform as a whole, read from the record and from the queues. */
package io.lazaret.orchestration.metrics;
