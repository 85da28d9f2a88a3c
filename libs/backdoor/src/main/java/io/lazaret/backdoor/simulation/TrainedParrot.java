package io.lazaret.backdoor.simulation;

import io.lazaret.llm.SoftPrompt;

/**
 * A parrot and how well it imitates the trigger. The caller closes the soft prompt.
 *
 * @param soft the soft tokens, to be put before the user text
 * @param target token ids that it elicits
 * @param finalLoss mean cross-entropy of the target over the last updates, nats per token
 * @param meanProbability geometric mean probability per target token on held-out prompts
 * @param steps updates made
 */
public record TrainedParrot(
    SoftPrompt soft, int[] target, double finalLoss, double meanProbability, int steps) {}
