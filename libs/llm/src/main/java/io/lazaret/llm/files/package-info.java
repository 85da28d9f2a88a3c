/** Untrusted model directories, read in plain Java under explicit limits. */
package io.lazaret.llm.files;
