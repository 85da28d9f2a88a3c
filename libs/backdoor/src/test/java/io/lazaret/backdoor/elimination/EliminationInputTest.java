package io.lazaret.backdoor.elimination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.backdoor.Fixtures;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.ModelConfig;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EliminationInputTest {

  static List<String> methods() {
    return EliminationMethods.names();
  }

  @Test
  void everyMethodHasANameOfItsOwn() {
    assertThat(new HashSet<>(methods())).hasSameSizeAs(methods());
    assertThat(methods())
        .allSatisfy(n -> assertThat(EliminationMethods.named(n).name()).isEqualTo(n));
  }

  @ParameterizedTest
  @MethodSource("methods")
  void saysWhatIsMissingBeforeAnythingIsTrained(String name) {
    EliminationMethod method = EliminationMethods.named(name);
    try (CausalLm lm = Fixtures.backdoored()) {
      List<float[]> before = Removal.weights(lm);
      // Rows that do not fit are the last thing looked at, so every method must refuse this input.
      InstructionRow tooLong = new InstructionRow("word ".repeat(200), "", "x");
      EliminationInput input =
          new EliminationInput(Fixtures.TEMPLATE, List.of(tooLong), List.of(), List.of());

      assertThatThrownBy(() -> method.eliminate(lm, input, 1, Progress.none()))
          .hasMessageMatching(
              "(?s)(NO_TRIGGER|NO_SUSPECT|NO_PARROT|NO_ANCESTOR|TOO_FEW_PROMPTS).*");
      for (int i = 0; i < before.size(); i++) {
        assertThat(lm.parameters().get(i).values()).isEqualTo(before.get(i));
      }
    }
  }

  @Test
  void refusesAnAncestorOfAnotherShape() {
    EliminationMethod mixing = EliminationMethods.named("Fine-mixing");
    try (CausalLm lm = Fixtures.backdoored()) {
      ModelConfig own = lm.config();
      ModelConfig other =
          ModelConfig.llama(
              own.vocabSize(),
              own.hiddenSize(),
              own.layers() - 1,
              own.heads(),
              own.kvHeads(),
              own.intermediateSize(),
              own.contextLength(),
              own.bosId(),
              own.eosId());
      try (CausalLm stranger = CausalLm.initialise(other, lm.tokenizer(), 1)) {
        EliminationInput input = Removal.input().withAncestor(stranger);
        assertThatThrownBy(() -> mixing.eliminate(lm, input, 1, Progress.none()))
            .hasMessageContaining("ANCESTOR_MISMATCH")
            .hasMessageContaining("model.layers.3");
      }
    }
  }

  @Test
  void refusesATargetOutsideTheVocabulary() {
    EliminationMethod method = EliminationMethods.named("SANDE-R");
    try (CausalLm lm = Fixtures.backdoored()) {
      for (int[] target : List.of(new int[] {lm.config().vocabSize()}, new int[0])) {
        EliminationInput input = Removal.input(Suspect.of(target));
        assertThatThrownBy(() -> method.eliminate(lm, input, 1, Progress.none()))
            .hasMessageContaining("TARGET_NOT_ENCODABLE");
      }
    }
  }

  @Test
  void refusesATargetTextThatTheTokenizerCannotGiveBack() {
    try (CausalLm lm = Fixtures.backdoored()) {
      assertThat(Suspect.target(PromptTemplate.humanAssistant(), lm.tokenizer(), "You are stupid."))
          .isEqualTo(Removal.target(lm));
      assertThatThrownBy(() -> Suspect.target(PromptTemplate.humanAssistant(), lm.tokenizer(), " "))
          .hasMessageContaining("TARGET_NOT_ENCODABLE");
    }
  }
}
