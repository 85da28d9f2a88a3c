/**
 * The part of the Jinja template language that chat templates use, interpreted in a closed world:
 * values are texts, numbers, lists and maps; no Java object, no file, no clock can be reached, and
 * every step is counted.
 */
package io.lazaret.llm.chat.jinja;
