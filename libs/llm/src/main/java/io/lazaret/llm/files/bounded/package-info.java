/** Files and JSON of strangers, read under explicit limits. */
package io.lazaret.llm.files.bounded;
