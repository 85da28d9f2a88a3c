/** What one decoder architecture has that another has not. */
package io.lazaret.llm.arch;
