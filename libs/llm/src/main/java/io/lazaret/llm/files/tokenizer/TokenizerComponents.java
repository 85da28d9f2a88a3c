package io.lazaret.llm.files.tokenizer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.llm.files.bounded.JsonFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Checks normalizer, pre-tokenizer, post-processor and decoder for what makes the native tokenizer
 * end the process: patterns whose search is given up, templates that name tokens they do not
 * define, tables whose offsets lead nowhere.
 */
final class TokenizerComponents {

  private static final int MAX_PARTS = 1 << 14;

  private final List<Long> ids = new ArrayList<>();
  private int parts;

  /** Ids that the components add to texts. */
  List<Long> ids() {
    return ids;
  }

  /** Checks the component that the parser stands at. */
  void read(JsonParser parser) throws IOException {
    check("", tree(parser));
  }

  /** A tree whose size is counted while it is made. */
  private JsonNode tree(JsonParser parser) throws IOException {
    if (++parts > MAX_PARTS) {
      throw TokenizerFile.invalid("its components have more than " + MAX_PARTS + " parts");
    }
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    switch (parser.currentToken()) {
      case START_OBJECT -> {
        ObjectNode object = nodes.objectNode();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          parser.nextToken();
          object.set(name, tree(parser));
        }
        return object;
      }
      case START_ARRAY -> {
        ArrayNode array = nodes.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          array.add(tree(parser));
        }
        return array;
      }
      case VALUE_STRING -> {
        return nodes.textNode(parser.getText());
      }
      case VALUE_NUMBER_INT -> {
        return nodes.numberNode(parser.getBigIntegerValue());
      }
      default -> {
        return nodes.nullNode();
      }
    }
  }

  private void check(String key, JsonNode node) {
    if (key.equals("Regex") && node.isTextual()) {
      TokenizerPattern.check(node.textValue());
    }
    if (key.equals("type") && node.asText().equals("Precompiled")) {
      // Native code follows the offsets of its table without checking them.
      throw TokenizerFile.invalid("a normalizer of type Precompiled is not supported");
    }
    if (key.equals("ids") || key.equals("sep") || key.equals("cls")) {
      for (JsonNode id : node) {
        if (id.isNumber()) {
          ids.add(id.canConvertToLong() ? id.longValue() : -1);
        }
      }
    }
    if (node.has("special_tokens") || node.has("single") || node.has("pair")) {
      checkTemplate(node);
    }
    for (Map.Entry<String, JsonNode> child : node.properties()) {
      check(child.getKey(), child.getValue());
    }
    if (node.isArray()) {
      node.forEach(item -> check("", item));
    }
  }

  private static void checkTemplate(JsonNode template) {
    for (JsonNode token : template.path("special_tokens")) {
      boolean paired =
          token.path("ids").isArray()
              && !token.path("ids").isEmpty()
              && token.path("ids").size() == token.path("tokens").size();
      if (!paired) {
        throw TokenizerFile.invalid("a special token of its template lacks ids or tokens");
      }
    }
    for (String part : new String[] {"single", "pair"}) {
      JsonNode pieces = template.path(part);
      if (!pieces.isArray() && !pieces.isMissingNode()) {
        throw TokenizerFile.invalid("the part '" + part + "' of its template is no list");
      }
      for (JsonNode piece : pieces) {
        String id = piece.path("SpecialToken").path("id").asText("");
        boolean defined = template.path("special_tokens").has(id);
        if (!piece.isObject() || piece.has("SpecialToken") && !defined) {
          throw TokenizerFile.invalid(
              "its template names the token '" + JsonFile.shown(id) + "' without defining it");
        }
      }
    }
  }
}
