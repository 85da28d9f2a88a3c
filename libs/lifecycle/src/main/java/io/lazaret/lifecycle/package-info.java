/**
 * The screening of a model as an aggregate folded from events: one sealed state per step, one
 * transition table, and decisions that are pure functions of history, record and time. No input or
 * output, no clock, no randomness.
 *
 * <p>Reading order, each package using only those before it: {@code history} (hash chain), {@code
 * policy} (the bounds as data), {@code screening} (states, transition table, gate, verdicts),
 * {@code release} (what the channels name), {@code decision} (one decision while it is made),
 * {@code request} (what persons ask for), and {@link io.lazaret.lifecycle.Lifecycle} and {@link
 * io.lazaret.lifecycle.Agenda} here (what follows from a record, and from the passing of time).
 * {@code replay} and {@code attestation} read what was recorded.
 */
package io.lazaret.lifecycle;
