package io.lazaret.llm.files.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.problem.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Typed, bounded reading of the keys of an untrusted config.json. */
final class ConfigKeys {

  private static final int SHOWN = 80;

  private final ObjectNode json;

  ConfigKeys(ObjectNode json) {
    this.json = json;
  }

  JsonNode get(String key) {
    return json.path(key);
  }

  boolean has(String key) {
    return json.hasNonNull(key);
  }

  /** A whole number from 1 to {@code max}; {@code fallback} where it is missing, unless null. */
  int size(String key, int max, Integer fallback) {
    JsonNode value = json.get(key);
    if ((value == null || value.isNull()) && fallback != null) {
      return fallback;
    }
    if (value == null || !value.isIntegralNumber()) {
      throw invalid(
          key,
          value == null ? "it is missing" : shown(value.toString()) + " is not a whole number");
    }
    if (!value.canConvertToInt() || value.intValue() < 1 || value.intValue() > max) {
      throw invalid(key, shown(value.toString()) + " is not between 1 and " + max);
    }
    return value.intValue();
  }

  /** As {@link #size}, 0 allowed. */
  int count(String key, int max, int fallback) {
    return json.path(key).isIntegralNumber() && json.path(key).asLong() == 0
        ? 0
        : size(key, max, fallback);
  }

  double positive(String key, double fallback) {
    return positive(json.get(key), key, fallback);
  }

  /** A positive number, if there is one. */
  OptionalDouble positive(String key) {
    return has(key) ? OptionalDouble.of(positive(key, 0)) : OptionalDouble.empty();
  }

  static double positive(JsonNode value, String key, double fallback) {
    if (value == null || value.isNull() || value.isMissingNode()) {
      return fallback;
    }
    double number = value.isNumber() ? value.doubleValue() : Double.NaN;
    if (!(number > 0) || Double.isInfinite(number)) {
      throw invalid(key, shown(value.toString()) + " is not a positive number");
    }
    return number;
  }

  boolean flag(String key, boolean fallback) {
    JsonNode value = json.get(key);
    if (value == null || value.isNull()) {
      return fallback;
    }
    if (!value.isBoolean()) {
      throw invalid(key, shown(value.toString()) + " is neither true nor false");
    }
    return value.booleanValue();
  }

  String text(String key, String fallback) {
    JsonNode value = json.get(key);
    if (value == null || value.isNull()) {
      return fallback;
    }
    if (!value.isTextual()) {
      throw invalid(key, shown(value.toString()) + " is no text");
    }
    return value.textValue();
  }

  /** One id or a list of ids, all below {@code vocab}; none where the key is missing. */
  List<Integer> ids(String key, int vocab) {
    JsonNode value = json.path(key);
    List<Integer> ids = new ArrayList<>();
    Iterable<JsonNode> entries = value.isArray() ? value : List.of(value);
    for (JsonNode entry : entries) {
      if (entry.isMissingNode() || entry.isNull()) {
        continue;
      }
      boolean valid = entry.isIntegralNumber() && entry.canConvertToInt();
      if (!valid || entry.intValue() < 0 || entry.intValue() >= vocab) {
        throw invalid(key, shown(entry.toString()) + " is not an id below vocab_size " + vocab);
      }
      ids.add(entry.intValue());
    }
    return ids;
  }

  /** Refuses what a key says, unless it is supported. */
  void require(boolean supported, String key, String support) {
    if (!supported) {
      throw unsupported(key, json.path(key).toString(), support);
    }
  }

  /** Refuses keys that switch on what the architecture has not, unless they are off. */
  void requireOff(String... keys) {
    for (String key : keys) {
      JsonNode value = json.path(key);
      boolean off =
          value.isMissingNode()
              || value.isNull()
              || value.isBoolean() && !value.booleanValue()
              || value.isArray() && value.isEmpty();
      require(off, key, "absent, null or false");
    }
  }

  static ProblemException unsupported(String key, String value, String support) {
    return ProblemException.of(
        "MODEL_FEATURE_UNSUPPORTED",
        ConfigFile.NAME + " sets '" + key + "' to " + shown(value) + ", which is not supported.",
        "Use a model without this feature. Supported here: " + support + ".");
  }

  static ProblemException invalid(String key, String finding) {
    return ProblemException.of(
        "MODEL_CONFIG_INVALID",
        ConfigFile.NAME + ", key '" + key + "': " + finding + ".",
        "Restore the file from the model's source.");
  }

  static String shown(String text) {
    return text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
  }
}
