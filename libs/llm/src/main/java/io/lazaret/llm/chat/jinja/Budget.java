package io.lazaret.llm.chat.jinja;

/** Counts what a rendering uses up. */
final class Budget {

  private final Limits limits;
  private long steps;
  private long chars;
  private int depth;

  Budget(Limits limits) {
    this.limits = limits;
  }

  void step() {
    steps(1);
  }

  void steps(long count) {
    steps += count;
    if (steps > limits.steps()) {
      throw TemplateProblem.limit("takes more than " + limits.steps() + " steps");
    }
  }

  /** To be called before the characters are allocated. */
  void chars(long count) {
    chars += count;
    if (count < 0 || chars > limits.chars()) {
      throw TemplateProblem.limit("handles more than " + limits.chars() + " characters of text");
    }
  }

  void output(long total) {
    if (total > limits.outputChars()) {
      throw TemplateProblem.limit("writes more than " + limits.outputChars() + " characters");
    }
  }

  void enter() {
    step();
    if (++depth > limits.depth()) {
      throw TemplateProblem.limit("is nested more than " + limits.depth() + " deep");
    }
  }

  void leave() {
    depth--;
  }

  void requireDepth(int nesting) {
    if (nesting > limits.depth()) {
      throw TemplateProblem.limit("makes values nested more than " + limits.depth() + " deep");
    }
  }
}
