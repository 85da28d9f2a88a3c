package io.lazaret.evaluation;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.MultipleChoiceItem;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.evaluation.Utility;
import io.lazaret.llm.CausalLm;
import io.lazaret.schemas.UtilityMeasurement;
import io.lazaret.worker.JobCheckpoints;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The utility figures of a report, each for both models on the same items. */
record Benchmarks(
    PromptTemplate template, List<InstructionRow> rows, List<MultipleChoiceItem> questions) {

  /** {@code candidate} is null where it is the original itself. */
  List<UtilityMeasurement> measure(
      CausalLm original, CausalLm candidate, JobCheckpoints checkpoints, Progress progress) {
    List<UtilityMeasurement> figures = new ArrayList<>();
    if (!rows.isEmpty()) {
      figures.add(
          both(
              checkpoints,
              "exactMatch",
              rows.size(),
              original,
              candidate,
              lm -> Utility.exactMatch(lm, template, rows, Progress.none()).rate()));
      progress.at(0.5, "exact match");
    }
    if (!questions.isEmpty()) {
      figures.add(
          both(
              checkpoints,
              "multipleChoice",
              questions.size(),
              original,
              candidate,
              lm -> Utility.multipleChoice(lm, template, questions, Progress.none()).rate()));
      progress.at(0.7, "multiple choice");
    }
    if (!rows.isEmpty()) {
      figures.add(
          both(
              checkpoints,
              "perplexity",
              rows.size(),
              original,
              candidate,
              lm -> Utility.perplexity(lm, template, rows, Progress.none())));
      figures.add(
          checkpoints.once(
              "klToOriginal",
              UtilityMeasurement.getClassSchema(),
              () ->
                  new UtilityMeasurement(
                      "klToOriginal",
                      0.0,
                      candidate == null
                          ? 0
                          : Utility.klToOriginal(original, candidate, template, rows),
                      rows.size())));
    }
    progress.at(1, "utility measured");
    return figures;
  }

  private static UtilityMeasurement both(
      JobCheckpoints checkpoints,
      String name,
      int n,
      CausalLm original,
      CausalLm candidate,
      ToDoubleFunction<CausalLm> figure) {
    return checkpoints.once(
        name,
        UtilityMeasurement.getClassSchema(),
        () -> {
          double before = figure.applyAsDouble(original);
          double after = candidate == null ? before : figure.applyAsDouble(candidate);
          return new UtilityMeasurement(name, before, after, n);
        });
  }
}
