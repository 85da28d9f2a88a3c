/**
 * Weights bound to the script that runs them, and the passes over it: the engine's own business.
 */
package io.lazaret.llm.decoder;
