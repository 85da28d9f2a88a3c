package io.lazaret.access;

import java.time.Instant;
import java.util.Set;

/**
 * What a token says.
 *
 * @param actor who; stands in the record
 * @param roles what the actor may do
 * @param expires when the token ends
 * @param id of the token
 * @param once whether it is good for opening one session and nothing else
 */
public record Grant(String actor, Set<Role> roles, Instant expires, String id, boolean once) {

  /** Characters of the longest name of an actor. */
  public static final int LONGEST_ACTOR = 200;

  public Grant {
    roles = Set.copyOf(roles);
  }

  /** Whether one of the roles includes another. */
  public boolean may(Role role) {
    return roles.stream().anyMatch(held -> held.includes(role));
  }
}
