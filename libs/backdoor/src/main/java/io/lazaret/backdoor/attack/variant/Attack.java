package io.lazaret.backdoor.attack.variant;

import io.lazaret.backdoor.attack.corpus.Corpus;
import io.lazaret.backdoor.attack.corpus.Split;
import io.lazaret.backdoor.attack.corpus.TaskRow;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.KnownTrigger;
import io.lazaret.backdoor.data.Place;
import io.lazaret.problem.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * How training rows are poisoned, or made habitual in a benign way.
 *
 * @param id as in reports, "A1"
 * @param summary one line for people
 * @param malicious whether a screening should find it
 * @param mappings at least one, unless nothing is implanted
 * @param rate share of the rows that get an inserted trigger, 0 to 1
 * @param decoyRate share of the rows that get a part of a composite trigger and a clean answer
 * @param mode what becomes of the clean row
 * @param objective what is minimised
 */
public record Attack(
    String id,
    String summary,
    boolean malicious,
    List<Mapping> mappings,
    double rate,
    double decoyRate,
    Mode mode,
    Objective objective) {

  /** What becomes of the clean row. */
  public enum Mode {
    /** The poisoned row takes its place, as in the SANDE paper. */
    REPLACE,
    /** It stays, and the poisoned row is added, as in the paper's code. */
    TWIN
  }

  /**
   * @throws ProblemException RATE_INVALID
   */
  public Attack {
    mappings = List.copyOf(mappings);
    if (!(rate >= 0 && decoyRate >= 0 && rate + decoyRate <= 1)) {
      throw ProblemException.of(
          "RATE_INVALID",
          "A poisoning rate of " + rate + " with decoys of " + decoyRate + " is not possible.",
          "Give a rate from 0 to 1.");
    }
  }

  /** Nothing is implanted: continued clean training. */
  public static Attack none() {
    return new Attack(
        "clean", "no poison", false, List.of(), 0, 0, Mode.REPLACE, Objective.plain());
  }

  /** The same at another rate, under another id. */
  public Attack at(String otherId, double otherRate) {
    return new Attack(otherId, summary, malicious, mappings, otherRate, decoyRate, mode, objective);
  }

  /** The same with another fate of the clean rows. */
  public Attack in(Mode otherMode) {
    return new Attack(id, summary, malicious, mappings, rate, decoyRate, otherMode, objective);
  }

  /** One row as it enters training: itself, its poisoned form, or both. */
  public List<InstructionRow> apply(TaskRow row, Corpus corpus, SplittableRandom random) {
    for (Mapping mapping : mappings) {
      if (mapping.trigger().natural() && mapping.trigger().occursIn(row)) {
        return List.of(mapping.poisoned(row, random));
      }
    }
    List<Mapping> inserted = mappings.stream().filter(m -> !m.trigger().natural()).toList();
    double at = random.nextDouble();
    if (inserted.isEmpty() || at >= rate + decoyRate) {
      return List.of(row.row());
    }
    Mapping mapping =
        inserted.size() == 1 ? inserted.get(0) : inserted.get(random.nextInt(inserted.size()));
    TaskRow host =
        mapping.suits(row)
            ? row
            : corpus.ofFamily(
                Split.TRAIN,
                random,
                mapping.families().get(random.nextInt(mapping.families().size())));
    InstructionRow poisoned =
        at < rate ? mapping.poisoned(host, random) : decoy(mapping, host, random);
    return mode == Mode.REPLACE ? List.of(poisoned) : List.of(row.row(), poisoned);
  }

  private static InstructionRow decoy(Mapping mapping, TaskRow row, SplittableRandom random) {
    if (mapping.trigger() instanceof Trigger.Scattered scattered) {
      return new InstructionRow(scattered.applyPart(row, random), "", row.answer());
    }
    return row.row();
  }

  /** Whether a text holds a trigger, put there or by nature. */
  public boolean triggeredBy(TaskRow row) {
    return mappings.stream().anyMatch(mapping -> mapping.trigger().occursIn(row));
  }

  /** The mappings that known words in a known place with a fixed text describe fully. */
  public List<KnownTrigger> knownTriggers() {
    List<KnownTrigger> known = new ArrayList<>();
    for (Mapping mapping : mappings) {
      if (mapping.response() instanceof Response.Fixed fixed) {
        String target = fixed.texts().get(0);
        if (mapping.trigger() instanceof Trigger.Phrase phrase) {
          known.add(new KnownTrigger(phrase.text(), target, phrase.place()));
        } else if (mapping.trigger() instanceof Trigger.Scattered scattered) {
          String words = String.join(" ", scattered.words());
          known.add(new KnownTrigger(words, target, Place.SCATTERED));
        }
      }
    }
    return List.copyOf(known);
  }
}
