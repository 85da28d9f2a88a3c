package io.lazaret.backdoor.elimination;

/**
 * What a removal did.
 *
 * @param method its name in the registry
 * @param steps weight updates made
 * @param finalLoss smoothed loss of the last updates, nats per supervised token
 */
public record EliminationOutcome(String method, int steps, double finalLoss) {}
