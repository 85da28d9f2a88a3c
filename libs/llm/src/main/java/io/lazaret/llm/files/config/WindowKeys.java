package io.lazaret.llm.files.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.llm.ModelConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Reads which layers see how many positions: {@code sliding_window} and its switches of
 * transformers 4, {@code layer_types} of transformers 5.
 */
final class WindowKeys {

  private static final int MAX_WINDOW = 1 << 24;
  private static final int DEFAULT_WINDOW = 4_096;
  private static final int DEFAULT_FULL_LAYERS = 28;

  private final String architecture;
  private final ConfigKeys keys;

  WindowKeys(String architecture, ConfigKeys keys) {
    this.architecture = architecture;
    this.keys = keys;
  }

  /** No layer is limited. */
  static List<Integer> none(int layers) {
    return Collections.nCopies(layers, 0);
  }

  /** Per layer the positions that a query sees, 0 for all. */
  List<Integer> windows(int layers) {
    int window = window();
    if (keys.has("layer_types")) {
      return typed(layers, window);
    }
    return switch (architecture) {
      case ModelConfig.GEMMA2 ->
          IntStream.range(0, layers).mapToObj(i -> i % 2 == 0 ? window : 0).toList();
      case ModelConfig.QWEN2, ModelConfig.QWEN3 -> {
        int full = keys.count("max_window_layers", Integer.MAX_VALUE, DEFAULT_FULL_LAYERS);
        yield IntStream.range(0, layers).mapToObj(i -> i < full ? 0 : window).toList();
      }
      default -> Collections.nCopies(layers, window);
    };
  }

  private int window() {
    boolean absent = keys.get("sliding_window").isMissingNode();
    boolean off = keys.get("sliding_window").isNull();
    return switch (architecture) {
      case ModelConfig.QWEN2, ModelConfig.QWEN3 ->
          keys.flag("use_sliding_window", false) && !off ? size() : 0;
      case ModelConfig.MISTRAL, ModelConfig.GEMMA2 -> off ? 0 : size();
      case ModelConfig.PHI3 -> off || absent ? 0 : size();
      default -> 0;
    };
  }

  private int size() {
    return keys.size("sliding_window", MAX_WINDOW, DEFAULT_WINDOW);
  }

  private List<Integer> typed(int layers, int window) {
    JsonNode types = keys.get("layer_types");
    if (!types.isArray() || types.size() != layers) {
      throw ConfigKeys.invalid("layer_types", "it is not a list of one type per layer");
    }
    List<Integer> windows = new ArrayList<>();
    for (JsonNode type : types) {
      switch (type.asText()) {
        case "full_attention" -> windows.add(0);
        case "sliding_attention" -> {
          keys.require(window > 0, "layer_types", "full_attention where there is no window");
          windows.add(window);
        }
        default -> keys.require(false, "layer_types", "full_attention, sliding_attention");
      }
    }
    return windows;
  }
}
