package io.lazaret.bench.methods;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.KnownTriggerFile;
import io.lazaret.backdoor.data.PromptFile;
import io.lazaret.bench.Bar;
import io.lazaret.bench.BenchCase;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.Benchmark;
import io.lazaret.bench.ChildProcess;
import io.lazaret.bench.Children;
import io.lazaret.bench.Comparison;
import io.lazaret.bench.Measurement;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** SANDE, both stages, beside a straightforward implementation on PyTorch and transformers. */
public final class SandeBenchmark implements Benchmark {

  private static final Map<String, String> PACKAGES =
      new TreeMap<>(
          Map.of("torch", "torch", "transformers", "transformers", "safetensors", "safetensors"));

  private static final int ROWS = 512;
  private static final long SEED = 7;
  private static final double FASTER = 1.5;
  private static final String HEAP = "512m";

  @Override
  public String name() {
    return "sande";
  }

  @Override
  public String description() {
    return "simulate and eliminate beside PyTorch and transformers, same model, rows and steps";
  }

  @Override
  public List<BenchCase> cases(BenchSettings settings) {
    new Children(settings).requirePython(PACKAGES);
    return List.of(
        new BenchCase("published", () -> compare(settings, false)),
        new BenchCase("trimmed", () -> compare(settings, true)));
  }

  @Override
  public List<String> notes(BenchSettings settings) {
    JsonNode found = new Children(settings).requirePython(PACKAGES);
    return List.of(
        "peer: torch "
            + found.path("torch").asText()
            + ", transformers "
            + found.path("transformers").asText(),
        "published: the peer's sequences hold the clean answer behind the target, as the published"
            + " code has them; trimmed: they end with the last supervised token, as ours do",
        "shipped nano model, " + ROWS + " rows, seed " + SEED);
  }

  private static List<Measurement> compare(BenchSettings settings, boolean trimmed)
      throws IOException {
    Path fixtures = settings.root().resolve("fixtures").toAbsolutePath();
    String name = "sande." + (trimmed ? "trimmed" : "published");
    Path task = task(settings, fixtures, trimmed);
    Children children = new Children(settings);
    List<String> arguments =
        List.of(fixtures.toString(), Integer.toString(ROWS), Long.toString(SEED));
    try (ChildProcess ours = children.java("sande-java", SandeChild.class, HEAP, arguments);
        ChildProcess peer =
            children.python("sande-peer", "methods/sande_peer.py", List.of(task.toString()))) {
      int rounds = settings.quick() ? 1 : 3;
      double[] own = new double[rounds];
      double[] theirs = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        own[round] = seconds(ours);
        theirs[round] = seconds(peer);
      }
      // Read before measuring: evaluation is no part of the repair.
      double ownMemory = ours.peakMebibytes();
      double theirMemory = peer.peakMebibytes();
      JsonNode ownFigures = ours.ask("measure");
      JsonNode theirFigures = ours.ask("measure " + saved(settings, peer, fixtures));
      double faster = Comparison.median(theirs) / Comparison.median(own);
      List<Measurement> figures = new ArrayList<>();
      figures.add(Measurement.of(name + ".cpu.lazaret", Comparison.median(own), "s"));
      figures.add(Measurement.of(name + ".cpu.peer", Comparison.median(theirs), "s"));
      Bar bar = trimmed ? null : Bar.atLeast(FASTER);
      figures.add(new Measurement(name + ".faster", faster, "ratio", bar));
      figures.add(Measurement.of(name + ".memory.lazaret", ownMemory, "MiB"));
      figures.add(
          new Measurement(
              name + ".memory", ownMemory / theirMemory, "ratio of the peer's", Bar.atMost(1)));
      for (String figure : List.of("asr", "correct", "exactMatch")) {
        figures.add(
            Measurement.of(name + "." + figure + ".lazaret", number(ownFigures, figure), "%"));
        figures.add(
            Measurement.of(name + "." + figure + ".peer", number(theirFigures, figure), "%"));
      }
      return figures;
    }
  }

  private static double seconds(ChildProcess child) {
    double before = child.cpuSeconds();
    child.ask("run 1");
    return child.cpuSeconds() - before;
  }

  private static double number(JsonNode answer, String name) {
    return answer.path(name).asDouble();
  }

  private static Path task(BenchSettings settings, Path fixtures, boolean trimmed)
      throws IOException {
    Path model = fixtures.resolve("nano-backdoored");
    // The interpreter may see nothing but the work directory.
    Path copy = settings.work().resolve("sande-victim").toAbsolutePath();
    copy(model, copy);
    List<InstructionRow> rows = PromptFile.read(fixtures.resolve("prompts.jsonl")).subList(0, ROWS);
    String target =
        KnownTriggerFile.read(fixtures.resolve("scoring-triggers.jsonl")).get(0).target();
    Path file = settings.work().resolve("sande-task.json").toAbsolutePath();
    try (Tokenizer tokenizer = Tokenizer.open(model)) {
      SandeTask task =
          SandeTask.of(copy, tokenizer, ModelConfig.read(model), rows, target, SEED, trimmed);
      new ObjectMapper().writeValue(file.toFile(), task);
    }
    return file;
  }

  /** The peer's repaired model, with the tokenizer that it has not loaded. */
  private static Path saved(BenchSettings settings, ChildProcess peer, Path fixtures)
      throws IOException {
    Path directory = settings.work().resolve("sande-repaired").toAbsolutePath();
    Files.createDirectories(directory);
    peer.ask("save " + directory);
    for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
      Files.copy(
          fixtures.resolve("nano-backdoored").resolve(file),
          directory.resolve(file),
          StandardCopyOption.REPLACE_EXISTING);
    }
    return directory;
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (var files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
