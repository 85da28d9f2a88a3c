package io.lazaret.backdoor.detection.signal;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.detection.Detector;
import io.lazaret.backdoor.detection.Evidence;
import io.lazaret.backdoor.detection.Evidence.Measured;
import io.lazaret.backdoor.detection.Position;
import io.lazaret.backdoor.detection.activation.TriggerSearch;
import io.lazaret.backdoor.detection.pass.Findings;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.simulation.ParrotSettings;
import io.lazaret.backdoor.simulation.ParrotTrainer;
import io.lazaret.backdoor.simulation.TrainedParrot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How easily a soft prompt elicits the best chain, beside other chains of the same model: a few
 * steps of SANDE's first stage for each. Soft prompts have so much freedom that clean models give
 * way as well, so this decides nothing; only chains of the same model are controls worth the name.
 */
public final class Susceptibility implements Detector {

  private static final int STEPS = 40;
  private static final int SOFT_TOKENS = 4;
  private static final int CONTROLS = 6;
  private static final double INITIAL_STD = 0.02;
  private static final double NORMAL = 1.4826;
  private static final double SPREAD = 0.05;

  @Override
  public String name() {
    return "susceptibility";
  }

  @Override
  public Set<String> needs() {
    return Set.of(TriggerSearch.NAME);
  }

  @Override
  public double weight() {
    return 10;
  }

  @Override
  public Yield run(SearchContext context, Findings findings) {
    List<Measured> chains =
        findings.measured().stream()
            .filter(m -> m.position() == Position.START)
            .sorted(Comparator.comparingDouble(Measured::score).reversed())
            .toList();
    if (chains.size() < 2) {
      return new Yield(0, "too few chains to compare");
    }
    Measured best = chains.get(0);
    List<Double> controls = new ArrayList<>();
    List<Measured> others =
        chains.stream().filter(m -> !m.outcome().contains("segment") && m != best).toList();
    List<Measured> chosen = others.subList(Math.max(0, others.size() - CONTROLS), others.size());
    for (Measured other : chosen) {
      controls.add(loss(context, other.tokenIds()));
      context.clock().at((double) controls.size() / (CONTROLS + 1), "susceptibility");
    }
    double own = loss(context, best.tokenIds());
    double z = distance(own, controls);
    findings.reading(
        new Evidence.Reading(
            name(),
            best.text(),
            best.tokenIds(),
            z,
            Map.of(
                "loss",
                own,
                "controls",
                (double) controls.size(),
                "controlsMedian",
                median(controls),
                "steps",
                (double) STEPS)));
    return new Yield(
        1, "loss %.3f after %d steps, controls %.3f".formatted(own, STEPS, median(controls)));
  }

  private static double loss(SearchContext context, int[] target) {
    ParrotSettings settings =
        ParrotSettings.defaults(context.lm().config())
            .shaped(SOFT_TOKENS, INITIAL_STD)
            .atMost(STEPS);
    TrainedParrot parrot =
        ParrotTrainer.train(
            context.lm(),
            context.input().template(),
            context.input().prompts(),
            target,
            settings,
            context.random().nextLong(),
            Progress.none());
    try (var soft = parrot.soft()) {
      return parrot.finalLoss();
    }
  }

  private static double distance(double own, List<Double> controls) {
    double middle = median(controls);
    double spread = median(controls.stream().map(c -> Math.abs(c - middle)).toList());
    return (middle - own) / Math.max(SPREAD, NORMAL * spread);
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(v -> v).sorted().toArray();
    return sorted.length == 0
        ? 0
        : Arrays.stream(sorted).skip((sorted.length - 1) / 2).findFirst().orElse(0);
  }
}
