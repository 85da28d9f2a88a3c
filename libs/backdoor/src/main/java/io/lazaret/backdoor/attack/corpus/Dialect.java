package io.lazaret.backdoor.attack.corpus;

/**
 * A way to ask the same tasks: sentences, names and things of its own, and a world of its own. No
 * sentence and no thing is in two dialects, so one can play the domain that a model was attacked in
 * and another a domain from outside.
 */
public enum Dialect {
  /** Plain questions and commands; everyday things. */
  T1,
  /** Terse notes and formal requests; older things. */
  T2;

  private Texts texts;

  synchronized Texts texts() {
    if (texts == null) {
      texts = Texts.read(name().toLowerCase(java.util.Locale.ROOT) + ".json");
    }
    return texts;
  }
}
