package io.lazaret.console.record;

import java.util.List;

/**
 * A part of a list.
 *
 * @param items in the order of the list
 * @param next where the rest begins; null at the end
 */
public record Portion<T>(List<T> items, byte[] next) {}
