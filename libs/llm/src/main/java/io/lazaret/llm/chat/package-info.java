/** How a conversation becomes the text that a model was trained on. */
package io.lazaret.llm.chat;
