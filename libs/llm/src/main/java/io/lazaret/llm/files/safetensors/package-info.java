/** The safetensors format, read under the reference implementation's rules and written. */
package io.lazaret.llm.files.safetensors;
