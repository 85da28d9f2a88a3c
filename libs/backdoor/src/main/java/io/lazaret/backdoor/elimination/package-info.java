/**
 * SANDE stage 2, "eliminate", and its relatives: each removal method is one recipe that owns its
 * loop and reads like the paper's algorithm.
 */
package io.lazaret.backdoor.elimination;
