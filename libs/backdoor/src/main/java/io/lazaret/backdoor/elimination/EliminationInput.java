package io.lazaret.backdoor.elimination;

import io.lazaret.backdoor.Checkpoints;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.KnownTrigger;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.elimination.training.Trained;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Parameter;
import io.lazaret.problem.ProblemException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a removal works with.
 *
 * @param rows clean pairs (x, y) of the defender
 * @param suspects segments that detection found; empty for methods that need none
 * @param knownTriggers triggers that the defender holds; only OSFT and gradient ascent use them
 * @param trained what the method trains, where it trains weights
 * @param ancestor the model from which the suspicious one was made; the caller owns it
 * @param parrotPosition token of the user text that the suspects' parrots stand before; 0 is its
 *     start
 * @param checkpoints where the trainings leave their states
 */
public record EliminationInput(
    PromptTemplate template,
    List<InstructionRow> rows,
    List<Suspect> suspects,
    List<KnownTrigger> knownTriggers,
    Trained trained,
    Optional<CausalLm> ancestor,
    int parrotPosition,
    Checkpoints checkpoints) {

  public EliminationInput {
    rows = List.copyOf(rows);
    suspects = List.copyOf(suspects);
    knownTriggers = List.copyOf(knownTriggers);
  }

  /** All weights, without an ancestor; nothing is saved. */
  public EliminationInput(
      PromptTemplate template,
      List<InstructionRow> rows,
      List<Suspect> suspects,
      List<KnownTrigger> knownTriggers) {
    this(
        template,
        rows,
        suspects,
        knownTriggers,
        Trained.allWeights(),
        Optional.empty(),
        0,
        Checkpoints.none());
  }

  /** The same with an ancestor. */
  public EliminationInput withAncestor(CausalLm model) {
    return new EliminationInput(
        template,
        rows,
        suspects,
        knownTriggers,
        trained,
        Optional.of(model),
        parrotPosition,
        checkpoints);
  }

  /** The same with other suspects. */
  public EliminationInput withSuspects(List<Suspect> others) {
    return new EliminationInput(
        template, rows, others, knownTriggers, trained, ancestor, parrotPosition, checkpoints);
  }

  /** The same with another choice of what is trained. */
  public EliminationInput withTrained(Trained other) {
    return new EliminationInput(
        template, rows, suspects, knownTriggers, other, ancestor, parrotPosition, checkpoints);
  }

  /** The same with parrots that were trained in another place of the user text. */
  public EliminationInput withParrotsAt(int position) {
    return new EliminationInput(
        template, rows, suspects, knownTriggers, trained, ancestor, position, checkpoints);
  }

  /** The same with another place for the states of trainings. */
  public EliminationInput withCheckpoints(Checkpoints others) {
    return new EliminationInput(
        template, rows, suspects, knownTriggers, trained, ancestor, parrotPosition, others);
  }

  /**
   * Checks that everything is there that a method needs, and that it fits the model.
   *
   * @throws ProblemException NO_TRIGGER, NO_SUSPECT, NO_PARROT, NO_ANCESTOR, ANCESTOR_MISMATCH or
   *     TARGET_NOT_ENCODABLE
   */
  public void require(EliminationMethod method, CausalLm lm) {
    for (Need need : Need.values()) {
      if (method.needs().contains(need)) {
        require(need, method.name(), lm);
      }
    }
    for (Suspect suspect : suspects) {
      requireInVocabulary(suspect, lm);
    }
  }

  private void require(Need need, String name, CausalLm lm) {
    switch (need) {
      case TRIGGER -> {
        boolean found = suspects.stream().anyMatch(Suspect::hasTrigger);
        if (knownTriggers.isEmpty() && !found) {
          throw ProblemException.of(
              "NO_TRIGGER",
              name + " works on triggers, and none is known or was found.",
              "Use SANDE, which needs only the response segment, or give a trigger.");
        }
      }
      case TARGET -> {
        if (suspects.isEmpty()) {
          throw ProblemException.of(
              "NO_SUSPECT",
              name + " works on a response segment, and none was given.",
              "Run detection first.");
        }
      }
      case PARROT -> {
        if (suspects.stream().allMatch(suspect -> suspect.parrots().isEmpty())) {
          throw ProblemException.of(
              "NO_PARROT",
              name + " overwrites on parrots, and none was given.",
              "Run simulation first.");
        }
      }
      case ANCESTOR -> requireAncestor(name, lm);
    }
  }

  private void requireAncestor(String name, CausalLm lm) {
    CausalLm origin =
        ancestor.orElseThrow(
            () ->
                ProblemException.of(
                    "NO_ANCESTOR",
                    name + " mixes in the weights of the ancestor, and none was given.",
                    "Give the model from which the suspicious one was fine-tuned."));
    List<Parameter> own = lm.parameters();
    List<Parameter> old = origin.parameters();
    for (int i = 0; i < Math.max(own.size(), old.size()); i++) {
      String left = i < own.size() ? describe(own.get(i)) : "no further weight";
      String right = i < old.size() ? describe(old.get(i)) : "no further weight";
      if (!left.equals(right)) {
        throw ProblemException.of(
            "ANCESTOR_MISMATCH",
            "The ancestor has " + right + " where the model has " + left + ".",
            "Give the ancestor of this very model, of the same architecture and sizes.");
      }
    }
  }

  private static String describe(Parameter parameter) {
    return parameter.name() + " " + Arrays.toString(parameter.shape());
  }

  private static void requireInVocabulary(Suspect suspect, CausalLm lm) {
    int vocab = lm.config().vocabSize();
    boolean inside = Arrays.stream(suspect.target()).allMatch(id -> id >= 0 && id < vocab);
    if (suspect.target().length == 0 || !inside) {
      throw ProblemException.of(
          "TARGET_NOT_ENCODABLE",
          "The target " + Arrays.toString(suspect.target()) + " is no token string of the model.",
          "Give token ids of this model's vocabulary.");
    }
  }
}
