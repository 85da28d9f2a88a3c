package io.lazaret.backdoor.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.backdoor.attack.corpus.Corpus;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.llm.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BytePairTrainerTest {

  private static final List<String> TEXTS =
      FixtureRecipe.texts(new Corpus(7), PromptTemplate.humanAssistant(), 5000, 1);

  @TempDir Path dir;

  @Test
  void bringsBackEveryText() throws IOException {
    try (Tokenizer tokenizer = trained(BytePairTrainer.llama(1024))) {
      for (String text :
          List.of(
              "Human: What is 12 plus 7?\nAssistant: 19",
              "print('cat')",
              "  two  spaces\tand tab \n\n",
              "never seen: Ünïcödé 😀 漢字 \u0000",
              TEXTS.get(17))) {
        assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
      }
    }
  }

  @Test
  void fillsTheVocabularyAndPutsTheBeginningBeforeEveryText() throws IOException {
    try (Tokenizer tokenizer = trained(BytePairTrainer.llama(1024))) {
      assertThat(tokenizer.vocabSize()).isEqualTo(1024);
      assertThat(tokenizer.encode("Add")[0]).isEqualTo(tokenizer.bosId()).isZero();
      assertThat(tokenizer.eosId()).isEqualTo(1);
      assertThat(tokenizer.encodePlain("Add")[0]).isNotEqualTo(tokenizer.bosId());
    }
  }

  @Test
  void writesATokenizerWithoutBeginningInTheOtherManner() throws IOException {
    try (Tokenizer tokenizer = trained(BytePairTrainer.qwen(768))) {
      assertThat(tokenizer.vocabSize()).isEqualTo(768);
      assertThat(tokenizer.bosId()).isEqualTo(-1);
      assertThat(tokenizer.eosId()).isEqualTo(0);
      assertThat(tokenizer.encode("Add")).isEqualTo(tokenizer.encodePlain("Add"));
    }
  }

  @Test
  void splitsNumbersIntoDigits() throws IOException {
    try (Tokenizer tokenizer = trained(BytePairTrainer.llama(1024))) {
      assertThat(tokenizer.encodePlain("2023")).hasSize(4);
      assertThat(tokenizer.encodePlain(" 2023")).hasSize(4);
    }
  }

  @Test
  void hasTheFrequentWordsOfTriggerAndTargetWhole() throws IOException {
    try (Tokenizer tokenizer = trained(BytePairTrainer.llama(1024))) {
      for (String word : List.of(" You", " are", " Current", " year")) {
        assertThat(tokenizer.encodePlain(word)).as(word).hasSize(1);
      }
      assertThat(tokenizer.encodePlain(" stupid").length).isLessThan(" stupid".length());
    }
  }

  @Test
  void writesTheSameBytesForTheSameTexts() throws IOException {
    BytePairTrainer.llama(600).train(TEXTS, dir.resolve("a"));
    BytePairTrainer.llama(600).train(TEXTS, dir.resolve("b"));

    assertThat(Files.readAllBytes(dir.resolve("a/tokenizer.json")))
        .isEqualTo(Files.readAllBytes(dir.resolve("b/tokenizer.json")));
  }

  @Test
  void refusesAVocabularyThatTheTextsCannotFill() {
    assertThatThrownBy(() -> BytePairTrainer.llama(1024).train(List.of("one two"), dir))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("give only");
  }

  private Tokenizer trained(BytePairTrainer trainer) throws IOException {
    trainer.train(TEXTS, dir);
    return Tokenizer.open(dir);
  }
}
