package io.lazaret.llm.files;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.util.List;
import java.util.Map;

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
      JsonNode token = parse(source, json).path(key);
      String content = token.isObject() ? token.path("content").asText() : token.asText();
      Integer id = tokenizer.added().get(content);
      if (id != null) {
        return id;
      }
    }
    return -1;
  }

  private static JsonNode parse(String name, byte[] json) {
    try {
      return JsonFile.mapper().readTree(json);
    } catch (IOException e) {
      throw ProblemException.of(
          "TOKENIZER_INVALID", name + " is not valid JSON.", "Restore the file from its source.");
    }
  }
}
