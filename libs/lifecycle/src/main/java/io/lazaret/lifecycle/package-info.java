/**
 * The screening of a model as an aggregate folded from events: one sealed state per step, one
 * transition table, and decisions that are pure functions of history, record and time. No input or
 * output, no clock, no randomness.
 *
 * <p>Reading order: {@link io.lazaret.lifecycle.Screening} (the states), {@link
 * io.lazaret.lifecycle.Transitions} (the table), {@link io.lazaret.lifecycle.Lifecycle} (deciding),
 * {@link io.lazaret.lifecycle.Gate} (the release rules), {@link io.lazaret.lifecycle.Policy} (the
 * bounds as data).
 */
package io.lazaret.lifecycle;
