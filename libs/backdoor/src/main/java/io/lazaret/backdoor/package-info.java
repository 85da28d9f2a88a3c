/**
 * The science: implanting, detecting, simulating, eliminating and measuring backdoors of causal
 * language models. Pure functions of (model, data, settings, seed, progress).
 */
package io.lazaret.backdoor;
