package io.lazaret.llm.mutants;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.Tokenizer;
import io.lazaret.llm.WeightType;
import io.lazaret.llm.adapter.AdapterDirectory;
import io.lazaret.llm.adapter.AdapterWriter;
import io.lazaret.llm.adapter.LoraAdapter;
import io.lazaret.llm.adapter.LoraConfig;
import io.lazaret.llm.chat.ChatMessage;
import io.lazaret.llm.chat.ChatTemplate;
import io.lazaret.llm.files.ModelDirectory;
import io.lazaret.llm.files.ShardWriter;
import io.lazaret.llm.files.WeightFiles;
import io.lazaret.llm.files.safetensors.StoredTensor;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A process of its own, with little memory: reads mutants of every file of a model and tells what
 * became of them, in one line of JSON.
 */
public final class MutantRun {

  private static final Path MODEL = Path.of("src/test/resources/parity/llama/model");
  private static final Path GOLDENS = Path.of("src/test/resources/chat/goldens.json");
  private static final String WEIGHT = "model.layers.0.self_attn.q_proj.weight";
  private static final long HANG_NANOS = 20_000_000_000L;

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final Path dir;
  private final SplittableRandom random;
  private final Mutation mutation;
  private final Map<String, Integer> codes = new TreeMap<>();
  private final List<Long> refusals = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private int accepted;
  private int tokenizers;
  private long slowest;

  private MutantRun(Path dir, long seed) {
    this.dir = dir;
    this.random = new SplittableRandom(seed);
    this.mutation = new Mutation(random);
  }

  private interface Attempt {
    void run() throws IOException;
  }

  /**
   * @param args an empty directory, the number of mutants, the seed
   */
  public static void main(String[] args) throws IOException {
    MutantRun run = new MutantRun(Path.of(args[0]), Long.parseLong(args[2]));
    run.warmUp();
    run.mutants(Integer.parseInt(args[1]));
    System.out.println(run.report());
    System.exit(0);
  }

  /**
   * Times are those of a process that has read files before; CPU time, as other work comes and
   * goes.
   */
  private void warmUp() throws IOException {
    mutants(400);
    codes.clear();
    refusals.clear();
    accepted = 0;
    tokenizers = 0;
    slowest = 0;
  }

  private void mutants(int count) throws IOException {
    Path single = Files.createDirectories(dir.resolve("single"));
    Path sharded = Files.createDirectories(dir.resolve("sharded"));
    Path adapter = dir.resolve("adapter");
    copyModel(single);
    shard(sharded);
    if (!Files.exists(adapter)) {
      writeAdapter(adapter);
    }
    ModelConfig base = ModelConfig.read(MODEL);
    List<String> templates = templates();
    for (int i = 0; i < count; i++) {
      switch (i % 10) {
        case 0, 1 -> file(single, "model.safetensors", Kind.SAFETENSORS, inspect(single));
        case 2 -> file(sharded, shardName(sharded), Kind.SAFETENSORS, inspect(sharded));
        case 3 -> file(sharded, "model.safetensors.index.json", Kind.JSON, inspect(sharded));
        case 4 -> file(single, "config.json", Kind.JSON, inspect(single));
        case 5, 6 -> file(single, "tokenizer.json", Kind.JSON, open(single));
        case 7 -> template(single, templates.get(random.nextInt(templates.size())));
        case 8 -> file(adapter, "adapter_config.json", Kind.JSON, adapter(adapter, base));
        default ->
            file(adapter, "adapter_model.safetensors", Kind.SAFETENSORS, adapter(adapter, base));
      }
    }
  }

  private enum Kind {
    SAFETENSORS,
    JSON
  }

  private static Attempt inspect(Path model) {
    return () -> ModelDirectory.inspect(model);
  }

  /** Native code sees the file only when our own check let it pass. */
  private Attempt open(Path model) {
    return () -> {
      ModelDirectory.inspect(model);
      try (Tokenizer tokenizer = Tokenizer.open(model)) {
        tokenizers++;
        tokenizer.decode(tokenizer.encode("What is it? <s> \ud83d\ude00 aaaaaaaaaaaaaaaaaaaa"));
      }
    };
  }

  private static Attempt adapter(Path adapter, ModelConfig base) {
    return () -> AdapterDirectory.read(adapter, base);
  }

  private void file(Path model, String name, Kind kind, Attempt attempt) throws IOException {
    byte[] original = Files.readAllBytes(model.resolve(name));
    byte[] mutant = kind == Kind.JSON ? mutation.json(original) : mutation.safetensors(original);
    Files.write(model.resolve(name), mutant);
    attempt(name, attempt);
    Files.write(model.resolve(name), original);
  }

  private void template(Path model, String source) throws IOException {
    Path file = model.resolve("chat_template.jinja");
    Files.writeString(file, mutation.template(source));
    attempt(
        "chat_template.jinja",
        () -> {
          ChatTemplate chat = ChatTemplate.read(model).orElseThrow();
          chat.parts("What is it?");
          chat.render(List.of(ChatMessage.user("a"), ChatMessage.assistant("b")), false);
        });
    Files.delete(file);
  }

  private void attempt(String name, Attempt attempt) throws IOException {
    long start = System.nanoTime();
    long cpu = THREADS.getCurrentThreadCpuTime();
    try {
      attempt.run();
      accepted++;
    } catch (ProblemException e) {
      refusals.add(THREADS.getCurrentThreadCpuTime() - cpu);
      codes.merge(e.problem().code(), 1, Integer::sum);
      if (e.problem().sentence().isBlank() || e.problem().nextStep().isBlank()) {
        failures.add(name + ": a problem without text");
      }
    } catch (RuntimeException | Error e) {
      failures.add(name + ": " + e + " at " + Arrays.toString(e.getStackTrace()).substring(0, 300));
    }
    long nanos = System.nanoTime() - start;
    slowest = Math.max(slowest, nanos);
    if (nanos > HANG_NANOS) {
      failures.add(name + ": took " + nanos / 1_000_000 + " ms");
    }
  }

  private static void copyModel(Path to) throws IOException {
    try (Stream<Path> files = Files.list(MODEL)) {
      for (Path file : files.toList()) {
        Files.write(to.resolve(file.getFileName()), Files.readAllBytes(file));
      }
    }
  }

  private static void shard(Path to) throws IOException {
    if (Files.exists(to.resolve("config.json"))) {
      return;
    }
    copyModel(to);
    Files.delete(to.resolve("model.safetensors"));
    try (WeightFiles weights = WeightFiles.open(MODEL)) {
      List<StoredTensor> tensors =
          weights.tensors().keySet().stream().map(weights::stored).toList();
      ShardWriter.write(to, tensors, 60_000);
    }
  }

  private static String shardName(Path sharded) throws IOException {
    try (Stream<Path> files = Files.list(sharded)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("model-00001"))
          .findFirst()
          .orElseThrow();
    }
  }

  private static void writeAdapter(Path to) {
    LoraAdapter.Factors factors = new LoraAdapter.Factors(2, 32, 32, new float[64], new float[64]);
    AdapterWriter.write(
        to,
        new LoraAdapter(new LoraConfig(2, 4, false, List.of("q_proj")), Map.of(WEIGHT, factors)),
        WeightType.BF16,
        false);
  }

  private static List<String> templates() throws IOException {
    List<String> templates = new ArrayList<>();
    for (JsonNode golden : new ObjectMapper().readTree(GOLDENS.toFile())) {
      if (golden.path("variables").has("messages")) {
        templates.add(golden.path("template").asText());
      }
    }
    return templates.stream().distinct().toList();
  }

  private String report() throws IOException {
    refusals.sort(null);
    Map<String, Object> report = new TreeMap<>();
    report.put("accepted", accepted);
    report.put("refused", refusals.size());
    report.put("failures", failures);
    report.put("codes", codes);
    report.put("openedNatively", tokenizers);
    report.put("p50CpuMillis", refusals.get(refusals.size() / 2) / 1e6);
    report.put("p99CpuMillis", refusals.get((int) (refusals.size() * 0.99)) / 1e6);
    report.put("slowestMillis", slowest / 1e6);
    report.put("heapMiB", Runtime.getRuntime().maxMemory() >> 20);
    return new ObjectMapper().writeValueAsString(report);
  }
}
