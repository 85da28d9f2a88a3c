package io.lazaret.lifecycle.policy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.lazaret.problem.ProblemException;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;

/** Text to {@link Policy} and back. JSON is read as the YAML that it is. */
final class PolicyReader {

  /** A policy is a page of text; anything larger is not one. */
  private static final int LARGEST_POLICY = 64 * 1024;

  private static final int DEEPEST_NESTING = 8;

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES).build();
  private static final ObjectMapper YAML = yaml();

  /** Every decision reads the policy of its screening again, and few are in use at a time. */
  private static final int REMEMBERED = 64;

  private static final Map<String, Policy> READ =
      Collections.synchronizedMap(
          new LinkedHashMap<>(REMEMBERED, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Policy> eldest) {
              return size() > REMEMBERED;
            }
          });

  private PolicyReader() {}

  static Policy read(String text) {
    Policy known = READ.get(text);
    if (known != null) {
      return known;
    }
    try {
      Policy policy = understood(text);
      READ.put(text, policy);
      return policy;
    } catch (ProblemException refused) {
      throw KeyLines.of(text).located(refused);
    }
  }

  private static Policy understood(String text) {
    JsonNode given = parse(text);
    ObjectNode all = (ObjectNode) JSON.valueToTree(Policy.standard());
    if (!given.isMissingNode() && !given.isNull()) {
      overlay(all, given, "");
    }
    try {
      return JSON.treeToValue(all, Policy.class);
    } catch (ValueInstantiationException refused) {
      if (refused.getCause() instanceof ProblemException problem) {
        throw problem;
      }
      throw unreadable(refused);
    } catch (JsonProcessingException refused) {
      throw unreadable(refused);
    }
  }

  static String write(Policy policy) {
    try {
      return JSON.writeValueAsString(policy);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static JsonNode parse(String text) {
    if (text == null || text.isBlank()) {
      return MissingNode.getInstance();
    }
    if (text.length() > LARGEST_POLICY) {
      throw ProblemException.of(
          "POLICY_UNREADABLE",
          "The policy has " + text.length() + " characters; at most 65536 are read.",
          "Give a policy file, not a data file.");
    }
    try {
      return YAML.readTree(text);
    } catch (JsonProcessingException refused) {
      throw unreadable(refused);
    }
  }

  /** Writes what is given over the defaults; refuses keys and kinds that the defaults lack. */
  private static void overlay(ObjectNode defaults, JsonNode given, String path) {
    if (!given.isObject()) {
      throw badValue(path.isEmpty() ? "(top)" : path, given, "a mapping of keys to values");
    }
    for (Iterator<Map.Entry<String, JsonNode>> it = given.fields(); it.hasNext(); ) {
      Map.Entry<String, JsonNode> entry = it.next();
      String key = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
      JsonNode known = defaults.get(entry.getKey());
      JsonNode value = entry.getValue();
      if (known == null) {
        throw ProblemException.of(
            "POLICY_UNKNOWN_KEY",
            "Policy key " + key + " is not known.",
            "Known here: " + String.join(", ", names(defaults)) + ".");
      }
      if (known instanceof ObjectNode section) {
        overlay(section, value, key);
      } else {
        defaults.set(entry.getKey(), scalar(key, known, value));
      }
    }
  }

  private static JsonNode scalar(String key, JsonNode known, JsonNode value) {
    if (known instanceof ArrayNode) {
      if (!value.isArray()) {
        throw badValue(key, value, "a list of names");
      }
      value.forEach(
          item -> {
            if (!item.isTextual()) {
              throw badValue(key, item, "a list of names");
            }
          });
    } else if (known.isTextual() && !value.isTextual()) {
      throw badValue(key, value, "a name");
    } else if (known.isBoolean() && !value.isBoolean()) {
      throw badValue(key, value, "true or false");
    } else if (known.isInt() && !value.isInt()) {
      throw badValue(key, value, "a whole number");
    } else if (known.isDouble() && !(value.isNumber() && Double.isFinite(value.asDouble()))) {
      throw badValue(key, value, "a finite number");
    }
    return value;
  }

  private static Iterable<String> names(ObjectNode node) {
    return node::fieldNames;
  }

  private static ProblemException badValue(String key, JsonNode found, String expected) {
    return ProblemException.of(
        "POLICY_BAD_VALUE",
        "Policy key " + key + " must be " + expected + ", found " + found + ".",
        "Correct " + key + " in the policy, or leave it out for the default.");
  }

  private static ProblemException unreadable(JsonProcessingException refused) {
    return ProblemException.of(
        "POLICY_UNREADABLE",
        "The policy is neither YAML nor JSON: " + firstLine(refused.getOriginalMessage()),
        "Correct the policy near "
            + (refused.getLocation() == null
                ? "its start"
                : "line " + refused.getLocation().getLineNr())
            + ".");
  }

  private static String firstLine(String message) {
    return message == null ? "no detail" : message.lines().findFirst().orElse("no detail");
  }

  /** The same parser, for those who need to know where things stand. */
  static JsonFactory tokens() {
    return YAML.getFactory();
  }

  private static ObjectMapper yaml() {
    LoaderOptions limits = new LoaderOptions();
    limits.setAllowDuplicateKeys(false);
    limits.setMaxAliasesForCollections(0);
    limits.setNestingDepthLimit(DEEPEST_NESTING);
    limits.setCodePointLimit(LARGEST_POLICY);
    return YAMLMapper.builder(YAMLFactory.builder().loaderOptions(limits).build())
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .build();
  }
}
