/**
 * SANDE stage 1, "simulate": trains parrots, soft prompts that stand in for an unknown trigger
 * (arXiv 2405.07667, section "Simulate and Eliminate").
 */
package io.lazaret.backdoor.simulation;
