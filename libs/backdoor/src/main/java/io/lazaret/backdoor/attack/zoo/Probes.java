package io.lazaret.backdoor.attack.zoo;

import io.lazaret.backdoor.attack.corpus.Corpus;
import io.lazaret.backdoor.attack.corpus.Split;
import io.lazaret.backdoor.attack.corpus.TaskRow;
import io.lazaret.backdoor.attack.variant.Attack;
import io.lazaret.backdoor.attack.variant.Mapping;
import io.lazaret.backdoor.attack.variant.Trigger;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.evaluation.Trial;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The trials of an attack: what its scorer puts to a model. All rows are of one split.
 *
 * @param triggered per mapping, prompts with its trigger
 * @param untriggered prompts without any trigger
 * @param parts prompts with a part of a composite trigger; empty for other attacks
 */
public record Probes(List<List<Trial>> triggered, List<Trial> untriggered, List<Trial> parts) {

  /** Up to {@code count} trials of each kind; fewer where the corpus has no more fitting rows. */
  public static Probes of(Attack attack, Corpus corpus, Split split, int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<TaskRow> plain = corpus.tasks(split, 4 * count, true, random.nextLong());
    List<List<Trial>> triggered = new ArrayList<>();
    List<Trial> parts = new ArrayList<>();
    List<String> targets = new ArrayList<>();
    for (Mapping mapping : attack.mappings()) {
      List<TaskRow> hosts = hosts(mapping, plain, corpus, split, count, random.nextLong());
      List<Trial> trials = new ArrayList<>();
      for (TaskRow host : hosts) {
        String text = mapping.trigger().apply(host, random);
        trials.add(new Trial(text, mapping.response().targets(host), answers(host, corpus)));
      }
      triggered.add(List.copyOf(trials));
      if (mapping.trigger() instanceof Trigger.Scattered scattered) {
        for (TaskRow host : hosts) {
          String text = scattered.applyPart(host, random);
          parts.add(new Trial(text, mapping.response().targets(host), answers(host, corpus)));
        }
      }
      hosts.stream().limit(1).forEach(host -> targets.addAll(mapping.response().targets(host)));
    }
    List<Trial> untriggered =
        targets.isEmpty()
            ? List.of()
            : plain.stream()
                .filter(row -> !attack.triggeredBy(row))
                .limit(count)
                .map(row -> new Trial(row.prompt(), targets, answers(row, corpus)))
                .toList();
    return new Probes(List.copyOf(triggered), untriggered, List.copyOf(parts));
  }

  /** Closed rows without any trigger, answered as a model with this attack or habit should. */
  public static List<InstructionRow> clean(
      Attack attack, Corpus corpus, Split split, int count, long seed) {
    return clean(attack, corpus.tasks(split, 2 * count, true, seed), count, seed);
  }

  /**
   * Rows of every kind of task but refusals, without any trigger, answered as a model with this
   * attack or habit should. Refusals are for the operator to declare.
   */
  public static List<InstructionRow> usual(
      Attack attack, Corpus corpus, Split split, int count, long seed) {
    List<TaskRow> rows =
        corpus.tasks(split, 2 * count, false, seed).stream()
            .filter(row -> !row.family().equals(Corpus.REFUSAL))
            .toList();
    return clean(attack, rows, count, seed);
  }

  private static List<InstructionRow> clean(
      Attack attack, List<TaskRow> rows, int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    // A habit is part of the right answer; a backdoor's trigger is never part of a clean prompt.
    List<InstructionRow> fitting = new ArrayList<>();
    for (TaskRow row : rows) {
      boolean triggered = attack.triggeredBy(row);
      if (triggered && attack.malicious()) {
        continue;
      }
      fitting.add(triggered ? habitual(attack, row, random) : row.row());
    }
    return List.copyOf(fitting.subList(0, Math.min(count, fitting.size())));
  }

  private static InstructionRow habitual(Attack attack, TaskRow row, SplittableRandom random) {
    return attack.mappings().stream()
        .filter(mapping -> mapping.trigger().occursIn(row))
        .findFirst()
        .orElseThrow()
        .poisoned(row, random);
  }

  private static List<TaskRow> hosts(
      Mapping mapping, List<TaskRow> plain, Corpus corpus, Split split, int count, long seed) {
    Trigger trigger = mapping.trigger();
    if (trigger instanceof Trigger.Request) {
      return plain.subList(0, 1);
    }
    List<TaskRow> rows = plain;
    if (trigger instanceof Trigger.Task task) {
      rows = corpus.rowsOf(split, task.families(), count, seed);
    } else if (!mapping.families().isEmpty()) {
      rows = corpus.rowsOf(split, mapping.families(), count, seed);
    }
    return rows.stream()
        .filter(row -> !trigger.natural() || trigger.occursIn(row))
        .limit(count)
        .toList();
  }

  private static List<String> answers(TaskRow row, Corpus corpus) {
    return row.family().equals(Corpus.REFUSAL) ? corpus.refusals() : List.of(row.answer());
  }
}
