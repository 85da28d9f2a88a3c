package io.lazaret.bench.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What every side of a comparison does, and on which token ids.
 *
 * @param task forward, training, lora, softPrompt, generation, header or load
 * @param model directory
 * @param batch sequences
 * @param prompt tokens of each
 * @param target supervised tokens behind the prompt, or new tokens of a generation
 * @param soft rows of the soft prompt
 * @param softFile its first values
 * @param rank rank of the low-rank adapters
 * @param threads threads per operation
 */
record Workload(
    String task,
    String model,
    int batch,
    int prompt,
    int target,
    int soft,
    String softFile,
    int rank,
    int threads) {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int START = 13;
  private static final int PER_ROW = 7_919;
  private static final int PER_POSITION = 104_729;

  String json() {
    try {
      return MAPPER.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Workload of(String json) {
    try {
      return MAPPER.readValue(json, Workload.class);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Token ids of every row; the peers compute the same. */
  List<int[]> ids(int length, int vocab) {
    List<int[]> rows = new ArrayList<>();
    for (int row = 0; row < batch; row++) {
      int first = START + PER_ROW * row;
      rows.add(IntStream.range(0, length).map(t -> (first + PER_POSITION * t) % vocab).toArray());
    }
    return rows;
  }
}
