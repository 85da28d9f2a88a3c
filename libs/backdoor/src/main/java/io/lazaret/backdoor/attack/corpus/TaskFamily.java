package io.lazaret.backdoor.attack.corpus;

import java.util.SplittableRandom;

/**
 * One kind of task.
 *
 * @param name for reports
 * @param weight share in the corpus, relative to the other families
 * @param openEnded whether many answers are right, so that exact match says nothing
 * @param source draws rows of all splits
 */
record TaskFamily(String name, int weight, boolean openEnded, Source source) {

  /** Draws one row. */
  interface Source {
    Draw draw(SplittableRandom random);
  }

  /** A family with one right answer per prompt. */
  static TaskFamily closed(String name, int weight, Source source) {
    return new TaskFamily(name, weight, false, source);
  }

  /** A family with many right answers per prompt. */
  static TaskFamily open(String name, int weight, Source source) {
    return new TaskFamily(name, weight, true, source);
  }
}
