/** config.json, in the spellings of the published architectures. */
package io.lazaret.llm.files.config;
