package io.lazaret.llm.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.llm.files.bounded.JsonFile;
import io.lazaret.problem.ProblemException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the chat template and the special tokens that it may use among a model's text files. */
final class ChatTemplateFile {

  private static final String OWN_FILE = "chat_template.jinja";
  private static final String CONFIG = "tokenizer_config.json";
  private static final String KEY = "chat_template";
  private static final String DEFAULT = "default";
  private static final List<String> TOKENS =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  private final Map<String, byte[]> files;
  private final ObjectNode config;

  ChatTemplateFile(Map<String, byte[]> files) {
    this.files = files;
    byte[] json = files.get(CONFIG);
    this.config = json == null ? null : JsonFile.object(CONFIG, json, "TOKENIZER_INVALID");
  }

  /** The file of its own counts before the key, as in transformers. */
  Optional<String> source() {
    byte[] own = files.get(OWN_FILE);
    if (own != null) {
      return Optional.of(utf8(own));
    }
    JsonNode template = config == null ? null : config.get(KEY);
    if (template == null || template.isNull()) {
      return Optional.empty();
    }
    if (template.isTextual()) {
      return Optional.of(template.textValue());
    }
    return Optional.of(named(template));
  }

  /** Of several templates the one called default, or the only one. */
  private static String named(JsonNode templates) {
    Map<String, String> byName = new LinkedHashMap<>();
    for (JsonNode entry : templates) {
      if (!entry.path("name").isTextual() || !entry.path("template").isTextual()) {
        throw invalid("an entry lacks name or template");
      }
      byName.put(entry.path("name").textValue(), entry.path("template").textValue());
    }
    if (!templates.isArray() || byName.isEmpty()) {
      throw invalid("it is neither a text nor a list of named templates");
    }
    if (!byName.containsKey(DEFAULT) && byName.size() > 1) {
      throw invalid("of its " + byName.size() + " templates none is called " + DEFAULT);
    }
    return byName.getOrDefault(DEFAULT, byName.values().iterator().next());
  }

  /** The special tokens' texts by the names that templates use. */
  Map<String, Object> tokens() {
    Map<String, Object> tokens = new LinkedHashMap<>();
    if (config == null) {
      return tokens;
    }
    for (String name : TOKENS) {
      text(config.path(name)).ifPresent(text -> tokens.put(name, text));
    }
    List<Object> additional = new ArrayList<>();
    config.path("additional_special_tokens").forEach(t -> text(t).ifPresent(additional::add));
    if (!additional.isEmpty()) {
      tokens.put("additional_special_tokens", additional);
    }
    return tokens;
  }

  /** Either the token's text, or an object that holds it as its content. */
  private static Optional<String> text(JsonNode token) {
    JsonNode content = token.isObject() ? token.path("content") : token;
    return content.isTextual() ? Optional.of(content.textValue()) : Optional.empty();
  }

  private static String utf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw ProblemException.of(
          "CHAT_TEMPLATE_INVALID",
          OWN_FILE + " is not UTF-8 text.",
          "Restore the file from its source.");
    }
  }

  private static ProblemException invalid(String finding) {
    return ProblemException.of(
        "CHAT_TEMPLATE_INVALID",
        CONFIG + ", key '" + KEY + "': " + finding + ".",
        "Restore the file from its source, or give a template with --template.");
  }
}
