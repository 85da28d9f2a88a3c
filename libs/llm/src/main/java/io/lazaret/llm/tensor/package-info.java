/** The tensor library's process, memory and parameters: the engine's own business. */
package io.lazaret.llm.tensor;
