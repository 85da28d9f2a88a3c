package io.lazaret.llm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.llm.files.safetensors.SafetensorsFile;
import io.lazaret.llm.files.safetensors.TensorEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/** A model directory with the numbers that were computed from it. */
public final class ParityFixture implements AutoCloseable {
  private static String latest = "";

  private final String name;
  public final CausalLm lm;
  public final JsonNode json;
  private final SafetensorsFile tensors;

  public ParityFixture(String model) {
    name = model;
    latest = model;
    lm = CausalLm.open(path(model).resolve("model"));
    tensors = SafetensorsFile.open(path(model).resolve("expected.safetensors"));
    json = json(model);
  }

  /** The fixture that was opened last. */
  static String latest() {
    return latest;
  }

  public static JsonNode json(String model) {
    try {
      return new ObjectMapper().readTree(path(model).resolve("expected.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * config.json with the changes of a variant.
   *
   * @param newSpelling whether rotary positions are spelled as transformers 5 spells them
   */
  byte[] variantConfig(String variant, boolean newSpelling) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode config =
        (ObjectNode) mapper.readTree(path(name).resolve("model/config.json").toFile());
    config.setAll((ObjectNode) json.path("variants").path(variant));
    if (newSpelling && config.has("rope_theta")) {
      ObjectNode rope = mapper.createObjectNode().put("rope_type", "default");
      rope.set("rope_theta", config.remove("rope_theta"));
      if (config.has("rotary_emb_base")) {
        rope.set("rope_theta", config.remove("rotary_emb_base"));
        rope.set("partial_rotary_factor", config.remove("rotary_pct"));
      }
      JsonNode scaling = config.path("rope_scaling");
      if (scaling.isObject()) {
        rope.setAll((ObjectNode) scaling);
        rope.set(
            "rope_type",
            scaling.path("rope_type").isMissingNode()
                ? scaling.path("type")
                : scaling.path("rope_type"));
        rope.remove("type");
      }
      config.remove("rope_scaling");
      config.set("rope_parameters", rope);
      config.set("dtype", config.remove("torch_dtype"));
    }
    return mapper.writeValueAsBytes(config);
  }

  public static Path path(String model) {
    return Path.of("src/test/resources/parity", model);
  }

  public float[] tensor(String name) {
    TensorEntry entry = tensors.tensors().get(name);
    float[] values = new float[(int) entry.size()];
    tensors.read(entry, 0, FloatBuffer.wrap(values));
    return values;
  }

  public List<Example> examples(String key) {
    List<int[]> ids = rows(json.path(key).path("rows"));
    List<int[]> spans = rows(json.path(key).path("spans"));
    return IntStream.range(0, ids.size()).mapToObj(i -> example(ids.get(i), spans.get(i))).toList();
  }

  /** The virtual ids that a span begins with are not supervised. */
  private Example example(int[] ids, int[] span) {
    int from = span[0];
    while (ids[from] >= lm.config().vocabSize()) {
      from++;
    }
    return new Example(ids, from, span[1]);
  }

  public SoftPrompt softPrompt() {
    float[] flat = tensor("soft.prompt");
    int width = lm.config().hiddenSize();
    return SoftPrompt.of(
        lm,
        IntStream.range(0, flat.length / width)
            .mapToObj(k -> Arrays.copyOfRange(flat, k * width, k * width + width))
            .toArray(float[][]::new));
  }

  @Override
  public void close() {
    tensors.close();
    lm.close();
  }

  public static List<int[]> rows(JsonNode lists) {
    List<int[]> rows = new ArrayList<>();
    for (JsonNode list : lists) {
      rows.add(StreamSupport.stream(list.spliterator(), false).mapToInt(JsonNode::asInt).toArray());
    }
    return rows;
  }
}
