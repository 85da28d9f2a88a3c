/** Instruction data of the defender, prompt templates, and the readers of both. */
package io.lazaret.backdoor.data;
