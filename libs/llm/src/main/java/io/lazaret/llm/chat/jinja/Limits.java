package io.lazaret.llm.chat.jinja;

/**
 * What a template may use up. Everything is counted, nothing is timed, so that the same template
 * ends the same way on every machine.
 *
 * @param templateChars largest template
 * @param steps evaluated expressions, statements and visited list elements
 * @param chars characters of all texts that are made or searched, results included
 * @param outputChars characters of the result
 * @param depth nesting of expressions, statements, macros and values
 */
public record Limits(int templateChars, long steps, long chars, int outputChars, int depth) {

  /** 256 Ki characters of template, 1 M steps, 64 Mi characters made, 8 Mi of output, depth 200. */
  public static Limits standard() {
    return new Limits(1 << 18, 1_000_000, 1 << 26, 1 << 23, 200);
  }
}
