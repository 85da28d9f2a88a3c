package io.lazaret.lifecycle.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.Lazaret;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.DoubleFunction;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/**
 * Events as lines of JSON, one event a line, without loss: {@code {"event": "ModelIngested",
 * "record": {...}}}, fields by name, timestamps in ISO 8601, numbers that are not finite as the
 * texts NaN, Infinity and -Infinity. What is read may come from anybody.
 */
public final class EventJson {

  /** Longest line that is read, in characters; a record of the platform has at most 1 MiB. */
  public static final int LONGEST_LINE = 8 << 20;

  private static final int DEEPEST_NESTING = 32;

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final ObjectMapper MAPPER = mapper();

  private EventJson() {}

  private static ObjectMapper mapper() {
    ObjectMapper mapper =
        JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    mapper
        .getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(DEEPEST_NESTING)
                .maxStringLength(LONGEST_LINE)
                .build());
    return mapper;
  }

  /** One line, without its end. */
  public static String write(SpecificRecord event) {
    ObjectNode line = JSON.objectNode().put("event", event.getSchema().getName());
    line.set("record", plain(event, number -> JSON.textNode(Double.toString(number))));
    return line.toString();
  }

  /**
   * The event of a line.
   *
   * @throws ProblemException EVENT_UNREADABLE, EVENT_UNKNOWN for a kind of event, or EVENT_FIELD
   *     for a field, that this version does not know
   */
  public static SpecificRecord read(String line) {
    if (line.length() > LONGEST_LINE) {
      throw unreadable("it has " + line.length() + " characters");
    }
    try {
      JsonNode node = MAPPER.readTree(line);
      String name = node.path("event").asText();
      Schema schema = Lazaret.PROTOCOL.getType(Lazaret.PROTOCOL.getNamespace() + "." + name);
      if (schema == null || schema.getType() != Schema.Type.RECORD) {
        throw ProblemException.of(
            "EVENT_UNKNOWN",
            "An event of the kind \"" + shortened(name) + "\" is not known.",
            "Use a version of Lazaret that knows it.");
      }
      return (SpecificRecord) record(schema, node.path("record"), name);
    } catch (JsonProcessingException refused) {
      throw unreadable(refused.getOriginalMessage());
    }
  }

  /**
   * A record by the names of its fields: unions without their type tag, timestamps as ISO 8601.
   *
   * @param notFinite what stands for a number that JSON does not have
   */
  public static ObjectNode plain(IndexedRecord record, DoubleFunction<JsonNode> notFinite) {
    ObjectNode node = JSON.objectNode();
    for (Schema.Field field : record.getSchema().getFields()) {
      node.set(field.name(), value(record.get(field.pos()), notFinite));
    }
    return node;
  }

  private static JsonNode value(Object value, DoubleFunction<JsonNode> notFinite) {
    if (value == null) {
      return JSON.nullNode();
    } else if (value instanceof IndexedRecord record) {
      return plain(record, notFinite);
    } else if (value instanceof List<?> list) {
      ArrayNode array = JSON.arrayNode(list.size());
      list.forEach(item -> array.add(value(item, notFinite)));
      return array;
    } else if (value instanceof Integer number) {
      return JSON.numberNode(number);
    } else if (value instanceof Long number) {
      return JSON.numberNode(number);
    } else if (value instanceof Double number) {
      return Double.isFinite(number) ? JSON.numberNode(number) : notFinite.apply(number);
    } else if (value instanceof Boolean flag) {
      return JSON.booleanNode(flag);
    }
    return JSON.textNode(value.toString());
  }

  private static Object record(Schema schema, JsonNode node, String path) {
    if (!node.isObject()) {
      throw badField(path, "is not a record");
    }
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (schema.getField(name) == null) {
        throw badField(path + "." + shortened(name), "is not known");
      }
    }
    IndexedRecord record = (IndexedRecord) SpecificData.get().newRecord(null, schema);
    for (Schema.Field field : schema.getFields()) {
      JsonNode given = node.get(field.name());
      String where = path + "." + field.name();
      if (given != null) {
        record.put(field.pos(), value(field.schema(), given, where));
      } else if (field.hasDefaultValue()) {
        record.put(field.pos(), SpecificData.get().getDefaultValue(field));
      } else {
        throw badField(where, "is missing");
      }
    }
    return record;
  }

  private static Object value(Schema schema, JsonNode node, String path) {
    return switch (schema.getType()) {
      case RECORD -> record(schema, node, path);
      case ARRAY -> items(schema.getElementType(), node, path);
      case UNION ->
          node.isNull()
              ? null
              : value(schema.getTypes().get(schema.getTypes().size() - 1), node, path);
      case ENUM -> symbol(schema, node, path);
      case STRING -> when(node.isTextual(), node, path).asText();
      case BOOLEAN -> when(node.isBoolean(), node, path).asBoolean();
      case INT -> when(node.isInt(), node, path).asInt();
      case LONG -> number(schema, node, path);
      case DOUBLE -> real(node, path);
      default -> throw badField(path, "has a kind that no event uses");
    };
  }

  private static List<Object> items(Schema schema, JsonNode node, String path) {
    when(node.isArray(), node, path);
    List<Object> items = new ArrayList<>(node.size());
    for (JsonNode item : node) {
      items.add(value(schema, item, path));
    }
    return items;
  }

  private static Object symbol(Schema schema, JsonNode node, String path) {
    if (!node.isTextual() || !schema.hasEnumSymbol(node.asText())) {
      throw badField(path, "is none of " + schema.getEnumSymbols());
    }
    return SpecificData.get().createEnum(node.asText(), schema);
  }

  private static Object number(Schema schema, JsonNode node, String path) {
    if (schema.getLogicalType() == null) {
      return when(node.canConvertToLong() && node.isIntegralNumber(), node, path).asLong();
    }
    try {
      return Instant.parse(when(node.isTextual(), node, path).asText());
    } catch (DateTimeException refused) {
      throw badField(path, "is not a time");
    }
  }

  private static double real(JsonNode node, String path) {
    if (node.isTextual()) {
      return switch (node.asText()) {
        case "NaN" -> Double.NaN;
        case "Infinity" -> Double.POSITIVE_INFINITY;
        case "-Infinity" -> Double.NEGATIVE_INFINITY;
        default -> throw badField(path, "is not a number");
      };
    }
    return when(node.isNumber(), node, path).asDouble();
  }

  private static JsonNode when(boolean right, JsonNode node, String path) {
    if (!right) {
      throw badField(path, "has the wrong kind, " + node.getNodeType());
    }
    return node;
  }

  private static ProblemException badField(String path, String what) {
    return ProblemException.of(
        "EVENT_FIELD",
        path + " " + what + ".",
        "Use the version of Lazaret that wrote the events, or a newer one.");
  }

  private static ProblemException unreadable(String why) {
    return ProblemException.of(
        "EVENT_UNREADABLE",
        "A line is not an event: " + shortened(String.valueOf(why)),
        "Compare the file with its source; export it again.");
  }

  private static String shortened(String text) {
    return text.length() <= 200 ? text : text.substring(0, 200) + "...";
  }
}
