/** How well detection tells poisoned models from others: a zoo, one process per model. */
package io.lazaret.bench.detection;
