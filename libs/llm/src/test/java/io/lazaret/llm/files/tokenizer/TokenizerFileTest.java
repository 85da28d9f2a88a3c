package io.lazaret.llm.files.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerFileTest {

  private static TokenizerFile parse(String json) {
    return TokenizerFile.parse(json.getBytes(StandardCharsets.UTF_8));
  }

  /** Shapes of the published pre-tokenizers. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
        "(?i:'s|'t|'re)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+",
        "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}]*[\\p{Ll}\\p{Lm}]+(?i:'s|'t)?|\\p{N}{1,3}",
        "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+",
        "\\s*+a++b|[^x]+?y*+",
        "[(a)+]"
      })
  void acceptsPatternsOfPublishedTokenizers(String pattern) {
    TokenizerPattern.check(pattern);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a+)+$",
        "(a|aa)*",
        "(?:a|a)+b",
        "(a){2,9}",
        "(a)\\1",
        "(?<n>a)\\k<n>",
        "((a)b)*",
        "a*a*a*b",
        "a+.*\\s+x",
        "a{1,}a{9,99}a+"
      })
  void refusesPatternsWhoseCostCanExplode(String pattern) {
    assertThatThrownBy(() -> TokenizerPattern.check(pattern))
        .hasMessageContaining("TOKENIZER_INVALID")
        .hasMessageContaining("for ever");
    String json =
        "{\"pre_tokenizer\": {\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"Split\","
            + " \"pattern\": {\"Regex\": \""
            + pattern.replace("\\", "\\\\")
            + "\"}}]},"
            + " \"model\": {\"vocab\": {\"a\": 0}}}";
    assertThatThrownBy(() -> parse(json)).hasMessageContaining("TOKENIZER_INVALID");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {"model": {"vocab": {"a": 0, "b": 0}}}                                                  | another token's
          {"added_tokens": [7], "model": {"vocab": {"a": 0}}}                                     | no object
          {"added_tokens": [{"id": 1, "content": ""}], "model": {"vocab": {"a": 0}}}              | lacks content
          {"added_tokens": [{"id": -1, "content": "x"}], "model": {"vocab": {"a": 0}}}            | id -1
          {"added_tokens": [{"id": 1, "content": "x"}, {"id": 2, "content": "x"}], "model": {"vocab": {"a": 0}}} | twice
          {"model": []}                                                                           | no object
          {"normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAAA"}, "model": {"vocab": {"a": 0}}} | Precompiled
          {"decoder": {"type": "\\ud800"}, "model": {"vocab": {"a": 0}}}                          | surrogate
          {"x": [{"\\udc00\\ud800": 1}], "model": {"vocab": {"a": 0}}}                            | surrogate
          {"post_processor": {"single": [{"SpecialToken": {"id": "<s>"}}], "special_tokens": {}}, "model": {"vocab": {"a": 0}}} | without defining
          {"post_processor": {"single": [], "special_tokens": {"a": {"ids": [1], "tokens": []}}}, "model": {"vocab": {"a": 0}}} | lacks ids
          {"post_processor": {"type": "BertProcessing", "sep": ["x", 4294967295]}, "model": {"vocab": {"a": 0}}} | 4294967295
          {"x": [[1e999]], "model": {"vocab": {"a": 0}}}                                          | beyond the range
          {"model": {"vocab": {"a": 4194305}}}                                                    | 4194305
          """)
  void refusesAFileThatWouldMisleadNativeCode(String json, String finding) {
    assertThatThrownBy(() -> parse(json))
        .hasMessageContaining("TOKENIZER_INVALID")
        .hasMessageContaining(finding);
  }

  @Test
  void keepsToItsLimits() {
    assertThat(parse("{\"model\": {\"vocab\": {\"a\": 0, \"b\": 7}}}").vocabSize()).isEqualTo(8);
    String merges = "[\"a\", \"b\"],".repeat((1 << 21) + 1);
    assertThatThrownBy(
            () ->
                parse(
                    "{\"model\": {\"merges\": ["
                        + merges.substring(0, merges.length() - 1)
                        + "], \"vocab\": {\"a\": 0}}}"))
        .hasMessageContaining("merges");
    StringBuilder vocabulary = new StringBuilder("{\"model\": {\"vocab\": {");
    for (int i = 0; i <= 1 << 20; i++) {
      vocabulary.append(i == 0 ? "" : ",").append('"').append(i).append("\":").append(i);
    }
    assertThatThrownBy(() -> parse(vocabulary.append("}}}").toString()))
        .hasMessageContaining("more than 1048576 entries");
  }
}
