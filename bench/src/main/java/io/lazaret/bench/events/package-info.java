/** The record under load: latency, throughput, restoring, replay, and the platform at rest. */
package io.lazaret.bench.events;
