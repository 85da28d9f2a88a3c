package io.lazaret.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.backdoor.elimination.EliminationMethods;
import io.lazaret.lifecycle.policy.Policy;
import org.junit.jupiter.api.Test;

/** Here, because policies and methods live in rooms that do not know each other. */
class LadderTest {

  @Test
  void aPolicyMayNameEveryMethodThatThereIs() {
    assertThat(Policy.METHODS).containsExactlyInAnyOrderElementsOf(EliminationMethods.names());
  }
}
