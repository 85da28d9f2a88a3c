/**
 * Measures what a model does: attack success rate with exact intervals, correctness under an
 * elicitor, and utility. Every figure belongs to a {@link io.lazaret.backdoor.evaluation.Protocol}.
 */
package io.lazaret.backdoor.evaluation;
