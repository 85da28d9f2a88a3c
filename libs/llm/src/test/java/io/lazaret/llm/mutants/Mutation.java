package io.lazaret.llm.mutants;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Damages files with regard to their structure. */
final class Mutation {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Values that readers stumble over, as JSON. */
  private static final List<String> HOSTILE =
      List.of(
          "null",
          "true",
          "-1",
          "0",
          "1",
          "2147483647",
          "2147483648",
          "9223372036854775807",
          "9223372036854775808",
          "-9223372036854775808",
          "18446744073709551616",
          "1e308",
          "1e999999999",
          "0.5",
          "\"\"",
          "\"BF16\"",
          "\"F8_E4M3\"",
          "\"Q4_K\"",
          "\"../../etc/passwd\"",
          "\"/dev/zero\"",
          "\"\\u0000\"",
          "\"\\ud800\"",
          "\"LlamaForCausalLM\"",
          "\"{{ x }}\"",
          "[]",
          "{}",
          "[[]]",
          "[4294967296, 4294967296]",
          "[-1]",
          "[1, 2, 3, 4, 5, 6, 7, 8, 9]",
          "{\"a\": {\"a\": 1}}",
          "{\"Regex\": \"(a+)+$\"}",
          "{\"type\": \"Precompiled\"}",
          "{\"type\": \"Nonsense\"}");

  private final SplittableRandom random;

  Mutation(SplittableRandom random) {
    this.random = random;
  }

  /** A JSON text with one to three parts changed, now and then broken as a text too. */
  byte[] json(byte[] original) throws IOException {
    JsonNode tree = JSON.readTree(original);
    for (int n = 1 + random.nextInt(3); n > 0; n--) {
      List<ContainerNode<?>> containers = new ArrayList<>();
      collect(tree, containers);
      change(containers.get(random.nextInt(containers.size())));
    }
    byte[] text = JSON.writeValueAsBytes(tree);
    return switch (random.nextInt(8)) {
      case 0 -> bytes(text);
      case 1 -> duplicateKey(text);
      case 2 -> nested(text);
      default -> text;
    };
  }

  private static void collect(JsonNode node, List<ContainerNode<?>> into) {
    if (node instanceof ContainerNode<?> container) {
      into.add(container);
      // A vocabulary of thousands must not hide the rest of the file.
      int seen = 0;
      for (JsonNode child : node) {
        if (seen++ < 50) {
          collect(child, into);
        }
      }
    }
  }

  private void change(ContainerNode<?> container) throws JsonProcessingException {
    JsonNode value =
        JSON.readTree(HOSTILE.get(random.nextInt(HOSTILE.size())).replace("1e999999999", "1e300"));
    if (container instanceof ObjectNode object) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      if (names.isEmpty() || random.nextInt(6) == 0) {
        object.set(List.of("x", "auto_map", "__metadata__", "").get(random.nextInt(4)), value);
        return;
      }
      String name = names.get(random.nextInt(names.size()));
      switch (random.nextInt(4)) {
        case 0 -> object.remove(name);
        case 1 -> object.set(names.get(random.nextInt(names.size())), object.get(name).deepCopy());
        case 2 -> {
          JsonNode moved = object.remove(name);
          object.set(name + "x", moved);
        }
        default -> object.set(name, value);
      }
    } else if (container instanceof ArrayNode array) {
      switch (random.nextInt(3)) {
        case 0 -> array.add(value);
        case 1 -> {
          if (!array.isEmpty()) {
            array.remove(random.nextInt(array.size()));
          }
        }
        default -> {
          if (!array.isEmpty()) {
            array.set(random.nextInt(array.size()), value);
          }
        }
      }
    }
  }

  private byte[] duplicateKey(byte[] text) {
    String json = new String(text, StandardCharsets.UTF_8);
    int colon = json.indexOf(':', random.nextInt(json.length()));
    int quote = json.lastIndexOf('"', Math.max(0, colon - 2));
    if (colon < 0 || quote < 0) {
      return bytes(text);
    }
    String key = json.substring(quote, colon);
    return (json.substring(0, quote) + key + ":0," + json.substring(quote))
        .getBytes(StandardCharsets.UTF_8);
  }

  private byte[] nested(byte[] text) {
    String json = new String(text, StandardCharsets.UTF_8);
    int at = json.indexOf(':', random.nextInt(json.length())) + 1;
    int depth = 1 + random.nextInt(5_000);
    return (json.substring(0, at) + "[".repeat(depth) + "]".repeat(depth) + json.substring(at))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Flipped, lost, repeated or added bytes anywhere. */
  byte[] bytes(byte[] original) {
    byte[] mutant = original.clone();
    switch (random.nextInt(4)) {
      case 0 -> mutant = Arrays.copyOf(mutant, random.nextInt(mutant.length + 1));
      case 1 -> mutant = Arrays.copyOf(mutant, mutant.length + 1 + random.nextInt(64));
      case 2 -> {
        int at = random.nextInt(mutant.length);
        mutant[at] = (byte) (0x80 + random.nextInt(0x80));
      }
      default -> {
        for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
          mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
        }
      }
    }
    return mutant;
  }

  /** A safetensors file: its header as JSON, its length field, its data or any byte. */
  byte[] safetensors(byte[] original) throws IOException {
    ByteBuffer file = ByteBuffer.wrap(original).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) file.getLong(0);
    byte[] header = Arrays.copyOfRange(original, 8, 8 + length);
    byte[] data = Arrays.copyOfRange(original, 8 + length, original.length);
    return switch (random.nextInt(8)) {
      case 0 -> {
        byte[] mutant = original.clone();
        long[] lengths = {
          0,
          1,
          7,
          length - 1L,
          length + 1L,
          original.length,
          100_000_000,
          100_000_001,
          Long.MAX_VALUE,
          -1,
          Long.MIN_VALUE,
          random.nextLong()
        };
        ByteBuffer.wrap(mutant)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(0, lengths[random.nextInt(lengths.length)]);
        yield mutant;
      }
      case 1 -> join(header, bytes(data), random.nextInt(16) == 0 ? 1 : 0);
      case 2 -> bytes(original);
      case 3 ->
          random.nextBoolean()
              ? "GGUF\u0003\0\0\0".getBytes(StandardCharsets.ISO_8859_1)
              : join("PK\u0003\u0004".getBytes(StandardCharsets.ISO_8859_1), original, 0);
      default -> join(json(header), data, 0);
    };
  }

  private static byte[] join(byte[] header, byte[] data, int error) {
    return ByteBuffer.allocate(8 + header.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length + error)
        .put(header)
        .put(data)
        .array();
  }

  /** A chat template with words and signs lost, moved, repeated or foreign. */
  String template(String original) {
    List<String> pieces = new ArrayList<>(Arrays.asList(original.split("(?<=\\W)|(?=\\W)")));
    List<String> foreign =
        List.of(
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            "__class__",
            "range(999999999)",
            "'x' * 999999999",
            "**",
            "(",
            "[",
            "loop",
            "none",
            "\u0000",
            "{% for x in messages %}",
            "{% endfor %}");
    for (int n = 1 + random.nextInt(4); n > 0 && !pieces.isEmpty(); n--) {
      int at = random.nextInt(pieces.size());
      switch (random.nextInt(4)) {
        case 0 -> pieces.remove(at);
        case 1 -> pieces.add(at, pieces.get(random.nextInt(pieces.size())));
        case 2 -> pieces.set(at, pieces.get(random.nextInt(pieces.size())));
        default -> pieces.add(at, foreign.get(random.nextInt(foreign.size())));
      }
    }
    return String.join("", pieces);
  }
}
