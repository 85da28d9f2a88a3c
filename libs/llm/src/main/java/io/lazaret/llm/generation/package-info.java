/** Decoding: greedy and sampled, with a key-value cache, stop tokens and stop strings. */
package io.lazaret.llm.generation;
