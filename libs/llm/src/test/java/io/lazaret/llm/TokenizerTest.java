package io.lazaret.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.llm.generation.Generator.GenerationSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTest {

  private static final Path PARITY = Path.of("src/test/resources/parity");

  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(
      strings = {"hello a world", "naïve café", "日本語", "tab\there", "😀 the a 😀!", "", "  "})
  void decodesWhatItEncoded(String text) {
    try (Tokenizer tokenizer = byteLevel()) {
      assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
      assertThat(tokenizer.encodePlain(text)).isEqualTo(tokenizer.encode(text));
    }
  }

  @Test
  void spansCountCharsOfTheText() {
    try (Tokenizer tokenizer = byteLevel()) {
      String text = "a😀 a he";
      Encoded encoded = tokenizer.encodeWithSpans(text);
      assertThat(encoded.ids()).isEqualTo(tokenizer.encode(text));
      assertThat(encoded.starts()[0]).isZero();
      assertThat(encoded.ends()[0]).isEqualTo(1);
      int last = encoded.ids().length - 1;
      assertThat(encoded.ids()[last]).isEqualTo(259);
      assertThat(text.substring(encoded.starts()[last], encoded.ends()[last])).isEqualTo("he");
      int merged =
          IntStream.range(0, last).filter(i -> encoded.ids()[i] == 258).findFirst().orElseThrow();
      assertThat(text.substring(encoded.starts()[merged], encoded.ends()[merged])).endsWith("a");
      assertThat(Arrays.stream(encoded.ends()).max()).hasValue(text.length());
    }
  }

  @Test
  void addedTokensHaveNoSpan() {
    try (Tokenizer tokenizer = Tokenizer.open(PARITY.resolve("llama/model"))) {
      Encoded encoded = tokenizer.encodeWithSpans("a b");
      assertThat(encoded.ids()[0]).isEqualTo(tokenizer.bosId());
      assertThat(encoded.starts()[0]).isEqualTo(-1);
      assertThat(encoded.ends()[0]).isEqualTo(-1);
      assertThat(encoded.starts()[1]).isZero();
      assertThat(tokenizer.encodePlain("a b")).doesNotContain(tokenizer.bosId());
    }
  }

  @Test
  void refusesAFileWhoseAddedIdsAreNotThoseInUse() throws IOException {
    TinyModels.writeTokenizer(dir);
    Path file = dir.resolve("tokenizer.json");
    String gap =
        Files.readString(file)
            .replace(
                "\"added_tokens\":[",
                "\"added_tokens\":[{\"id\":300,\"content\":\"<gap>\",\"single_word\":false,"
                    + "\"lstrip\":false,\"rstrip\":false,\"normalized\":false,\"special\":true},");
    Files.writeString(file, gap);
    assertThatThrownBy(() -> Tokenizer.open(dir))
        .hasMessageContaining("TOKENIZER_INVALID")
        .hasMessageContaining("300");
  }

  @Test
  void knowsSpecialTokens() {
    try (Tokenizer tokenizer = byteLevel();
        Tokenizer qwen = Tokenizer.open(PARITY.resolve("qwen2/model"))) {
      assertThat(tokenizer.bosId()).isEqualTo(TinyModels.BOS);
      assertThat(tokenizer.eosId()).isEqualTo(TinyModels.EOS);
      assertThat(tokenizer.vocabSize()).isEqualTo(TinyModels.VOCAB);
      assertThat(tokenizer.isSpecial(TinyModels.EOS)).isTrue();
      assertThat(tokenizer.isSpecial(3)).isFalse();
      assertThat(tokenizer.decode(new int[] {TinyModels.BOS, 259, TinyModels.EOS})).isEqualTo("he");
      assertThat(qwen.bosId()).isEqualTo(-1);
      assertThat(qwen.eosId()).isEqualTo(274);
    }
  }

  @Test
  void piecesReadAsInTheMiddleOfAText() {
    try (Tokenizer tokenizer = byteLevel()) {
      assertThat(tokenizer.piece(258)).isEqualTo(" a");
      assertThat(tokenizer.piece(259)).isEqualTo("he");
      assertThat(tokenizer.piece(TinyModels.EOS)).isEmpty();
      assertThat(tokenizer.piece('\n')).isEmpty();
      assertThat(tokenizer.piece(0xe3)).isEmpty();
    }
    try (Tokenizer tokenizer = Tokenizer.open(PARITY.resolve("llama/model"))) {
      int[] ids = tokenizer.encodePlain("a b");
      StringBuilder text = new StringBuilder();
      IntStream.of(ids).mapToObj(tokenizer::piece).forEach(text::append);
      assertThat(text.toString().strip()).isEqualTo("a b");
      assertThat(text.toString()).contains(" b");
    }
  }

  @Test
  void neverTruncatesOrPads() throws IOException {
    TinyModels.writeTokenizer(dir);
    Path file = dir.resolve("tokenizer.json");
    Files.writeString(
        file,
        Files.readString(file)
            .replace(
                "\"truncation\":null",
                "\"truncation\":{\"direction\":\"Right\",\"max_length\":4,"
                    + "\"strategy\":\"LongestFirst\",\"stride\":0}")
            .replace(
                "\"padding\":null",
                "\"padding\":{\"strategy\":{\"Fixed\":9},\"direction\":\"Right\","
                    + "\"pad_to_multiple_of\":null,\"pad_id\":0,\"pad_type_id\":0,"
                    + "\"pad_token\":\"<s>\"}"));
    try (Tokenizer tokenizer = Tokenizer.open(dir)) {
      assertThat(tokenizer.encode("x".repeat(3_000))).hasSize(3_000);
      assertThat(tokenizer.encode("xy")).hasSize(2);
    }
  }

  @Test
  void manyThreadsShareOne() {
    try (Tokenizer tokenizer = byteLevel()) {
      int[] expected = tokenizer.encode("the quick brown fox");
      assertThat(
              IntStream.range(0, 200)
                  .parallel()
                  .allMatch(i -> Arrays.equals(tokenizer.encode("the quick brown fox"), expected)))
          .isTrue();
    }
  }

  @Test
  void refusesATokenizerThatTheNativeLibraryRefuses() throws IOException {
    Files.writeString(
        dir.resolve("tokenizer.json"), "{\"model\": {\"type\": \"Nope\", \"vocab\": {\"a\": 0}}}");
    assertThatThrownBy(() -> Tokenizer.open(dir)).hasMessageContaining("TOKENIZER_INVALID");
  }

  @Test
  void generationStopsAtEveryEndTokenThatTheFilesName() throws IOException {
    TinyModels.writeTokenizer(dir);
    Files.writeString(dir.resolve("generation_config.json"), "{\"eos_token_id\": [5, 257]}");
    try (CausalLm lm = CausalLm.initialise(TinyModels.llama(), Tokenizer.open(dir), 1)) {
      assertThat(GenerationSettings.of(lm, 9).stopIds()).containsExactly(5, 257);
    }
  }

  private Tokenizer byteLevel() {
    return Tokenizer.open(TinyModels.writeTokenizer(dir));
  }
}
