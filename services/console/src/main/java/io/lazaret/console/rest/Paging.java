package io.lazaret.console.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.console.record.Portion;
import io.lazaret.problem.ProblemException;
import java.util.Base64;
import java.util.Collection;
import java.util.function.Function;

/**
 * Which part of a list is asked for.
 *
 * @param limit items at most, 1 to 500
 * @param from where the part begins; null for the beginning
 */
record Paging(int limit, byte[] from) {

  static final int STANDARD = 50;
  static final int MOST = 500;

  /** Characters of the longest cursor: a key holds a name and some numbers. */
  private static final int LONGEST_CURSOR = 4_096;

  /**
   * @throws ProblemException LIMIT_INVALID, CURSOR_INVALID
   */
  static Paging of(String limit, String cursor) {
    return new Paging(limit(limit, STANDARD), bytes(cursor));
  }

  static int limit(String given, int standard) {
    if (given == null) {
      return standard;
    }
    try {
      int limit = Integer.parseInt(given);
      if (limit >= 1 && limit <= MOST) {
        return limit;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw ProblemException.of(
        "LIMIT_INVALID",
        "The limit is not a number from 1 to " + MOST + ".",
        "Give such a number.");
  }

  private static byte[] bytes(String cursor) {
    if (cursor == null || cursor.isEmpty()) {
      return null;
    }
    try {
      if (cursor.length() <= LONGEST_CURSOR) {
        return Base64.getUrlDecoder().decode(cursor);
      }
    } catch (IllegalArgumentException e) {
      // told below
    }
    throw ProblemException.of(
        "CURSOR_INVALID",
        "The cursor was not given out by this interface.",
        "Use the value of \"next\" as it is, or begin again without a cursor.");
  }

  static String cursor(byte[] next) {
    return next == null ? null : Base64.getUrlEncoder().withoutPadding().encodeToString(next);
  }

  /** A page of rendered items. */
  static <T> ObjectNode page(Portion<T> portion, Function<T, ? extends JsonNode> render) {
    return page(portion.items(), portion.next(), render);
  }

  static <T> ObjectNode page(
      Collection<T> items, byte[] next, Function<T, ? extends JsonNode> render) {
    ObjectNode page = JsonNodeFactory.instance.objectNode();
    var array = page.putArray("items");
    items.forEach(item -> array.add(render.apply(item)));
    return page.put("next", cursor(next));
  }
}
