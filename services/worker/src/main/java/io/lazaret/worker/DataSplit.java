package io.lazaret.worker;

import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.Ids;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Rows for finding and removing, and rows for measuring. No prompt is in both, however often it
 * stands in the files.
 *
 * @param training for detection, simulation and elimination
 * @param heldOut for evaluation alone
 */
record DataSplit(List<InstructionRow> training, List<InstructionRow> heldOut) {

  /** Least share of the prompts that is held out. */
  private static final double SHARE = 0.25;

  /** Largest share that is held out for the sake of the number of trials. */
  private static final double LARGEST_SHARE = 0.5;

  private record Placed(String place, InstructionRow row) {}

  DataSplit {
    if (training.isEmpty() || heldOut.isEmpty()) {
      throw ProblemException.of(
          "TOO_FEW_PROMPTS",
          "Of the prompts "
              + training.size()
              + " are left to work with and "
              + heldOut.size()
              + " to measure on.",
          "Give more prompts, and an evaluation file with other prompts than the prompt file.");
    }
  }

  /**
   * An evaluation file was given: its prompts are kept out of the others. Files are often sorted by
   * task, so its rows are mixed: the first of them are a sample of all.
   */
  static DataSplit given(List<InstructionRow> prompts, List<InstructionRow> evaluation, long seed) {
    Set<String> measured =
        evaluation.stream().map(InstructionRow::prompt).collect(Collectors.toSet());
    return new DataSplit(
        prompts.stream().filter(row -> !measured.contains(row.prompt())).toList(),
        mixed(evaluation, seed).stream().map(Placed::row).toList());
  }

  /**
   * A quarter of the prompts is held out; up to half of them where that gives the trials wanted.
   * The same seed holds out the same prompts, in whatever order they come.
   */
  static DataSplit of(List<InstructionRow> prompts, int trials, long seed) {
    List<Placed> placed = mixed(prompts, seed);
    int cut =
        (int)
            Math.max(
                Math.round(prompts.size() * SHARE),
                Math.min(trials, Math.round(prompts.size() * LARGEST_SHARE)));
    while (cut > 0
        && cut < placed.size()
        && placed.get(cut).place().equals(placed.get(cut - 1).place())) {
      cut++;
    }
    List<InstructionRow> rows = placed.stream().map(Placed::row).toList();
    return new DataSplit(rows.subList(cut, rows.size()), rows.subList(0, cut));
  }

  private static List<Placed> mixed(List<InstructionRow> rows, long seed) {
    return rows.stream()
        .map(row -> new Placed(Ids.derive("heldOut", seed, row.prompt()), row))
        .sorted(Comparator.comparing(Placed::place))
        .toList();
  }
}
