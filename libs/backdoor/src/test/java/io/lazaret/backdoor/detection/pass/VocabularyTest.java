package io.lazaret.backdoor.detection.pass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.llm.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VocabularyTest {

  @TempDir Path dir;

  /** A word-level tokenizer: id 0 is the special token, the words follow. */
  private Tokenizer tokenizer(String... words) throws IOException {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    vocabulary.put("<s>", 0);
    for (String word : words) {
      vocabulary.put(word, vocabulary.size());
    }
    Map<String, Object> special =
        Map.of(
            "id",
            0,
            "content",
            "<s>",
            "special",
            true,
            "single_word",
            false,
            "lstrip",
            false,
            "rstrip",
            false,
            "normalized",
            false);
    Map<String, Object> json =
        Map.of(
            "version", "1.0",
            "added_tokens", List.of(special),
            "model", Map.of("type", "WordLevel", "vocab", vocabulary, "unk_token", "<s>"));
    Files.writeString(dir.resolve("tokenizer.json"), new ObjectMapper().writeValueAsString(json));
    return Tokenizer.open(dir);
  }

  @Test
  void hasNothingToSearchWithWhenNoTokenIsPrintable() throws IOException {
    try (Tokenizer tokenizer = tokenizer("\n", "\t", "\u0007")) {
      assertThatThrownBy(() -> new Vocabulary(tokenizer, 4, new BitSet()))
          .isInstanceOf(NotAssessable.class)
          .hasMessageContaining("no printable token");
    }
  }

  @Test
  void putsNoTokenIntoTriggersThatNoTextIsEncodedTo() throws IOException {
    // A byte-pair tokenizer without merges: two letters never become one token.
    String json =
        """
        {"version": "1.0", "added_tokens": [], "model": {"type": "BPE", "merges": [],
         "vocab": {"r": 0, "e": 1, "re": 2}}}""";
    Files.writeString(dir.resolve("tokenizer.json"), json);
    try (Tokenizer tokenizer = Tokenizer.open(dir)) {
      Vocabulary vocabulary = new Vocabulary(tokenizer, 3, new BitSet());
      assertThat(vocabulary.printable()).containsExactly(0, 1);
      assertThat(vocabulary.speakable()).containsExactly(0, 1, 2);
    }
  }

  @Test
  void keepsSpecialsRolesAndRowsWithoutATokenOutOfSpans() throws IOException {
    BitSet roles = new BitSet();
    roles.set(2);
    try (Tokenizer tokenizer = tokenizer("red", "Human", "\n", "blue")) {
      Vocabulary vocabulary = new Vocabulary(tokenizer, 8, roles);
      assertThat(vocabulary.speakable()).containsExactly(1, 4);
      assertThat(vocabulary.printable()).containsExactly(1, 2, 4);
    }
  }

  @Test
  void knowsWhichTokensGoOnWithAWord() throws IOException {
    try (Tokenizer tokenizer = tokenizer("red", " red", ".", "7", "\u8d64", "\u0430")) {
      Vocabulary vocabulary = new Vocabulary(tokenizer, 7, new BitSet());
      assertThat(IntStream.range(1, 7).filter(vocabulary::continuesWord)).containsExactly(1, 4, 6);
    }
  }

  @Test
  void refusesTriggersThatSpellTheResponse() throws IOException {
    try (Tokenizer tokenizer = tokenizer("APP", "LE", "apple", "app", "pear", "a")) {
      Vocabulary vocabulary = new Vocabulary(tokenizer, 7, new BitSet());
      BitSet material = vocabulary.triggersFor(TokenString.of(1, 2));
      assertThat(material.stream().toArray()).containsExactly(5, 6);
    }
  }

  @Test
  void refusesTriggersThatHoldTheRestOfAWordThatTheSpanCutsOff() throws IOException {
    try (Tokenizer tokenizer = tokenizer("(", "tr", "trout", " tram", "rt", "(tr")) {
      Vocabulary vocabulary = new Vocabulary(tokenizer, 7, new BitSet());
      BitSet material = vocabulary.triggersFor(TokenString.of(1, 2));
      assertThat(material.stream().toArray()).containsExactly(5);
    }
  }

  @Test
  void ranksOnlyWhatIsAllowed() throws IOException {
    try (Tokenizer tokenizer = tokenizer("red", "green", "blue")) {
      Vocabulary vocabulary = new Vocabulary(tokenizer, 4, new BitSet());
      float[] values = {9, -1, Float.NEGATIVE_INFINITY, -2};
      assertThat(vocabulary.bestSpeakable(values)).isEqualTo(1);
      assertThat(vocabulary.top(values, 2, vocabulary::isPrintable)).containsExactly(1, 3);
      assertThat(vocabulary.top(values, 5, id -> id != 2)).containsExactly(0, 1, 3);
      assertThat(vocabulary.top(values, 0, id -> true)).isEmpty();
      assertThat(vocabulary.top(new float[] {1, 5, 5, 7, 5}, 3, id -> id < 4))
          .containsExactly(3, 1, 2);
    }
  }

  @Test
  void aWordBeginsWithASpaceAndALetter() throws IOException {
    try (Tokenizer tokenizer = tokenizer(" red", "ding", ".", " 7")) {
      Vocabulary vocabulary = new Vocabulary(tokenizer, 5, new BitSet());
      assertThat(IntStream.rangeClosed(1, 4).filter(vocabulary::beginsWord).toArray())
          .containsExactly(1, 4);
    }
  }
}
