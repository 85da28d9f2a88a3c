/** tokenizer.json and the special tokens, checked before a native tokenizer sees them. */
package io.lazaret.llm.files.tokenizer;
