package io.lazaret.access;

import io.lazaret.problem.ProblemException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What somebody may do. Every role may also read. */
public enum Role {
  /** Reads. */
  VIEWER,
  /** Brings models in, holds and looks again, adds trigger intelligence, replays dead letters. */
  OPERATOR,
  /** Decides on releases. */
  APPROVER,
  /** Everything, policies and the audit too. */
  ADMIN;

  /** Whether this role includes another. */
  public boolean includes(Role other) {
    return this == ADMIN || this == other || other == VIEWER;
  }

  /** The name in tokens and settings. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The role of a name.
   *
   * @throws ProblemException ROLE_UNKNOWN
   */
  public static Role of(String name) {
    return Arrays.stream(values())
        .filter(role -> role.label().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                ProblemException.of(
                    "ROLE_UNKNOWN",
                    "There is no such role.",
                    "Use one of "
                        + Arrays.stream(values()).map(Role::label).collect(Collectors.joining(", "))
                        + "."));
  }
}
