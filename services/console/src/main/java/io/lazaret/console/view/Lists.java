package io.lazaret.console.view;

/** Names of the lists that the projection keeps, the newest first. */
public final class Lists {

  /** Screenings by the time of their first event. */
  public static final String SCREENINGS = "screenings";

  /** Screenings and histories that something may still happen to. */
  public static final String OPEN = "open";

  /** Screenings that wait for persons. */
  public static final String WAITING = "waiting";

  /** Screenings by the time of their verdict. */
  public static final String VERDICTS = "verdicts";

  /** Places of events that tell what persons decided. */
  public static final String DECISIONS = "decisions";

  /** Places of what was asked for and by whom. */
  public static final String AUDIT = "audit";

  /** Models by the time of their last event. */
  public static final String MODELS = "models";

  /** Items that are read at a time. */
  static final int PORTION = 1_000;

  private Lists() {}

  /** Screenings of a model. */
  public static String ofModel(String model) {
    return "model " + model;
  }

  /** Screenings in a state. */
  public static String inState(String state) {
    return "state " + state;
  }
}
