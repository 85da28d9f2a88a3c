package io.lazaret.llm.training;

import static io.lazaret.llm.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Closeness;
import io.lazaret.llm.Example;
import io.lazaret.llm.Parameter;
import io.lazaret.llm.adapter.LoraAdapter;
import io.lazaret.llm.adapter.LoraAdapter.Factors;
import io.lazaret.llm.adapter.LoraConfig;
import io.lazaret.llm.files.safetensors.SafetensorsFile;
import io.lazaret.llm.files.safetensors.TensorEntry;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against adapters written by hand in torch; see bench/parity/make_lora_fixtures.py. */
class LoraParityTest {

  private static final Path RESOURCES = Path.of("src/test/resources");

  static List<String> fixtures() throws IOException {
    try (Stream<Path> entries = Files.list(RESOURCES.resolve("lora"))) {
      return entries.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void lossGradientsAndTwoSteps(String name) throws IOException {
    Path dir = RESOURCES.resolve("lora").resolve(name);
    JsonNode facts = new ObjectMapper().readTree(dir.resolve("expected.json").toFile());
    List<Example> examples = examples(facts);
    try (CausalLm lm = CausalLm.open(RESOURCES.resolve("parity").resolve(name).resolve("model"));
        SafetensorsFile expected = SafetensorsFile.open(dir.resolve("expected.safetensors"));
        Lora lora = Lora.attach(lm, adapter(facts, expected))) {
      double loss = lm.backward(examples, null, 1);
      assertThat(loss).isCloseTo(facts.path("loss").asDouble(), within(1e-5));
      List<Parameter> pairs = lora.parameters();
      assertThat(pairs).hasSize(2 * facts.path("modules").size());
      for (int i = 0; i < pairs.size(); i++) {
        String module = pairs.get(i).name().replaceFirst("\\.lora_[AB]\\.weight$", "");
        String key = "grad." + (i % 2 == 0 ? "a." : "b.") + module;
        float[] gradient = tensor(expected, key);
        double tolerance = 4e-6 * Math.max(1, Closeness.norm(gradient));
        assertClose(key, pairs.get(i).gradients(), gradient, tolerance);
      }
      try (AdamW adam = new AdamW(pairs, AdamW.Settings.sande())) {
        for (int step = 0; step < 2; step++) {
          if (step > 0) {
            lm.backward(examples, null, 1);
          }
          double norm = facts.path("normsBeforeClip").get(step).asDouble();
          assertThat(adam.step(facts.path("learningRate").asDouble()))
              .isCloseTo(norm, within(1e-4 * norm));
        }
      }
      assertThat(lm.loss(examples, null))
          .isCloseTo(facts.path("lossAfter").asDouble(), within(1e-4));
    }
  }

  private static LoraAdapter adapter(JsonNode facts, SafetensorsFile expected) {
    int rank = facts.path("rank").asInt();
    List<String> modules = new ArrayList<>();
    facts.path("modules").forEach(module -> modules.add(module.asText()));
    LoraConfig config =
        new LoraConfig(
            rank,
            facts.path("alpha").asDouble(),
            facts.path("rankStabilised").asBoolean(),
            modules);
    assertThat(config.scale()).isCloseTo(facts.path("scale").asDouble(), within(1e-12));
    Map<String, Factors> factors = new HashMap<>();
    for (String module : modules) {
      float[] a = tensor(expected, "a." + module);
      float[] b = tensor(expected, "b." + module);
      factors.put(module + ".weight", new Factors(rank, a.length / rank, b.length / rank, a, b));
    }
    return new LoraAdapter(config, factors);
  }

  private static List<Example> examples(JsonNode facts) {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < facts.path("rows").size(); i++) {
      int[] ids =
          StreamSupport.stream(facts.path("rows").get(i).spliterator(), false)
              .mapToInt(JsonNode::asInt)
              .toArray();
      JsonNode span = facts.path("spans").get(i);
      examples.add(new Example(ids, span.get(0).asInt(), span.get(1).asInt()));
    }
    return examples;
  }

  private static float[] tensor(SafetensorsFile file, String name) {
    TensorEntry entry = file.tensors().get(name);
    float[] values = new float[Math.toIntExact(entry.size())];
    file.read(entry, 0, FloatBuffer.wrap(values));
    return values;
  }
}
