package io.lazaret.bench.detection;

import io.lazaret.backdoor.attack.corpus.Dialect;
import io.lazaret.backdoor.attack.zoo.Preset;
import io.lazaret.backdoor.attack.zoo.ZooSet;
import io.lazaret.bench.BenchCase;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.Benchmark;
import io.lazaret.bench.Cells;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Detection on every accepted model of a zoo: who is found, what is recovered, what it costs, and
 * whether the found fragments are enough for a repair; logged prompts and input filters beside it.
 * The quick version takes the shipped models.
 */
public final class DetectionBenchmark implements Benchmark {

  private static final long SEED = 7;
  private static final int PROMPTS = 96;

  @Override
  public String name() {
    return "detection";
  }

  @Override
  public String description() {
    return "detection on a zoo of poisoned and clean models: ROC, recovered responses, cost";
  }

  @Override
  public List<BenchCase> cases(BenchSettings settings) {
    Cells cells = new Cells(directory(settings).resolve("cells"));
    List<BenchCase> cases = new ArrayList<>();
    cases.add(new BenchCase("sweep", new SweepCase(settings, cells)::run));
    List<Specimen> specimens = specimens(settings);
    for (SpecimenCase.Kind kind : SpecimenCase.Kind.values()) {
      for (Specimen specimen : specimens) {
        if (specimen.malicious() || kind != SpecimenCase.Kind.REMOVAL) {
          cases.add(new SpecimenCase(kind, specimen, settings, cells).asCase());
        }
      }
    }
    cases.add(new BenchCase("report", new DetectionReport(settings, cells)::write, false));
    return cases;
  }

  @Override
  public List<String> notes(BenchSettings settings) {
    return List.of("preset " + settings.preset() + ", seed " + SEED + ", " + PROMPTS + " prompts");
  }

  private static Path directory(BenchSettings settings) {
    String kind = settings.quick() ? "quick" : settings.preset();
    return settings.work().resolve("detection-" + kind);
  }

  private static List<Specimen> specimens(BenchSettings settings) {
    if (!settings.quick()) {
      try {
        return Zoo.specimens(
            ZooSet.named("detection", Preset.named(settings.preset()), SEED),
            ZooSet.usualDirectory(settings.preset(), SEED),
            PROMPTS,
            SEED);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return List.of(
        shipped(settings, "nano-backdoored", "A1", true),
        shipped(settings, "nano-clean", "clean", false));
  }

  private static Specimen shipped(
      BenchSettings settings, String name, String attack, boolean malicious) {
    Path model = settings.root().resolve("fixtures").resolve(name);
    return new Specimen(name, model, attack, malicious, "llama", Dialect.T1, SEED, PROMPTS, SEED);
  }
}
