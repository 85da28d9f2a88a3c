/**
 * Causal language models on the native PyTorch runtime: open, run, train, save. Arrays and records
 * in, arrays out; the runtime itself never shows.
 */
package io.lazaret.llm;
