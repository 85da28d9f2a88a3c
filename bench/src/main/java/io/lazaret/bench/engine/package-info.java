/** The engine beside eager PyTorch and {@code transformers}. */
package io.lazaret.bench.engine;
