package io.lazaret.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;

/**
 * The result of a benchmark, the same shape for all of them.
 *
 * @param commit of the sources, or "unknown"
 * @param machine processor, cores, memory, system
 * @param notes versions and conditions
 */
public record BenchDocument(
    String bench,
    String commit,
    String machine,
    Instant date,
    List<String> notes,
    List<Measurement> measurements) {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** One JSON document. */
  public String json() {
    ObjectNode document = MAPPER.createObjectNode();
    document.put("bench", bench).put("commit", commit).put("machine", machine);
    document.put("date", date.toString());
    notes.forEach(document.putArray("notes")::add);
    var list = document.putArray("measurements");
    measurements.forEach(measurement -> list.add(json(measurement)));
    try {
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ObjectNode json(Measurement measurement) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("name", measurement.name()).put("value", measurement.value());
    node.put("unit", measurement.unit());
    if (measurement.bar() == null) {
      node.putNull("bar").putNull("holds");
    } else {
      node.put("bar", measurement.bar().toString()).put("holds", !measurement.misses());
    }
    return node;
  }

  /** Whether some measurement misses its bar. */
  public boolean missesABar() {
    return measurements.stream().anyMatch(Measurement::misses);
  }
}
