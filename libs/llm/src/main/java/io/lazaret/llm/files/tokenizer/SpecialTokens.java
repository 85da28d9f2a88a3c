package io.lazaret.llm.files.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.llm.files.bounded.JsonFile;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Begin and end of sequence as {@code tokenizer_config.json} or {@code special_tokens_map.json}
 * name them.
 *
 * @param bosId id of the begin token, -1 when there is none
 * @param eosId id of the end token, -1 when there is none
 */
public record SpecialTokens(int bosId, int eosId) {

  private static final List<String> SOURCES =
      List.of("tokenizer_config.json", "special_tokens_map.json");

  /**
   * Finds them by their text among the added tokens.
   *
   * @throws io.lazaret.problem.ProblemException {@code TOKENIZER_INVALID}
   * @param tokenizer the ids of added tokens
   * @param files content of the directory's text files by name
   */
  public static SpecialTokens of(TokenizerFile tokenizer, Map<String, byte[]> files) {
    return new SpecialTokens(
        find("bos_token", tokenizer, files), find("eos_token", tokenizer, files));
  }

  private static int find(String key, TokenizerFile tokenizer, Map<String, byte[]> files) {
    for (String source : SOURCES) {
      byte[] json = files.get(source);
      if (json == null) {
        continue;
      }
      // Either the token's text, or an object that holds it as its content.
      JsonNode token = JsonFile.object(source, json, "TOKENIZER_INVALID").path(key);
      String content = token.isObject() ? token.path("content").asText() : token.asText();
      Integer id = tokenizer.added().get(content);
      if (id != null) {
        return id;
      }
    }
    return -1;
  }

  /** End-of-sequence ids that {@code generation_config.json} names; empty without that file. */
  public static Set<Integer> generationStops(Map<String, byte[]> files) {
    byte[] json = files.get("generation_config.json");
    Set<Integer> ids = new TreeSet<>();
    if (json != null) {
      JsonNode eos =
          JsonFile.object("generation_config.json", json, "MODEL_CONFIG_INVALID")
              .path("eos_token_id");
      Iterable<JsonNode> entries = eos.isArray() ? eos : List.of(eos);
      entries.forEach(id -> ids.add(id.asInt(-1)));
    }
    ids.remove(-1);
    return ids;
  }
}
