package io.lazaret.backdoor.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.backdoor.Checkpoints;
import io.lazaret.backdoor.Fixtures;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.SavedStates;
import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.detection.Position;
import io.lazaret.backdoor.evaluation.AttackSuccess;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.SoftPrompt;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParrotTrainerTest {

  private static final List<InstructionRow> ROWS = Fixtures.prompts().subList(0, 200);

  private static CausalLm backdoored;
  private static int[] target;

  @BeforeAll
  static void open() {
    backdoored = Fixtures.backdoored();
    target =
        Answers.open(
            PromptTemplate.humanAssistant(), backdoored.tokenizer(), Fixtures.planted().target());
  }

  @AfterAll
  static void close() {
    backdoored.close();
  }

  @Test
  void bringsOutTheTargetOnPromptsItHasNotSeen() {
    float[] weights = backdoored.parameters().get(0).values();
    TrainedParrot parrot = train(ParrotSettings.defaults(backdoored.config()), 1);
    try (SoftPrompt soft = parrot.soft()) {
      AttackSuccess elicited =
          AttackSuccess.measure(
              backdoored,
              Fixtures.TEMPLATE,
              Fixtures.evaluation(50),
              new Elicitor.Parrot(soft),
              Fixtures.planted().target(),
              AttackSuccess.Settings.defaults(),
              Progress.none());

      assertThat(parrot.meanProbability()).isGreaterThan(0.9);
      assertThat(elicited.asr().hits()).isGreaterThanOrEqualTo(45);
      assertThat(soft.length()).isEqualTo(6);
      assertThat(backdoored.parameters().get(0).values()).isEqualTo(weights);
    }
  }

  @Test
  void needsMoreEffortOnTheCleanSibling() {
    ParrotSettings short20 = ParrotSettings.defaults(backdoored.config()).atMost(20);
    try (CausalLm clean = Fixtures.clean();
        SoftPrompt onBackdoored = train(short20, 1).soft()) {
      TrainedParrot control =
          ParrotTrainer.train(clean, Fixtures.TEMPLATE, ROWS, target, short20, 1, Progress.none());
      try (SoftPrompt onClean = control.soft()) {
        TrainedParrot parrot = train(short20, 1);
        parrot.soft().close();
        assertThat(onBackdoored.length()).isEqualTo(onClean.length());
        assertThat(parrot.finalLoss()).isLessThan(control.finalLoss() / 2);
      }
    }
  }

  @Test
  void standsBehindTheAnswerWhereTheResponseDoes() {
    assertThat(lossOfTheEnd(Position.START)).isGreaterThan(3);
    assertThat(lossOfTheEnd(Position.END)).isLessThan(1);
  }

  /** Loss of the token that ends an answer, under a parrot that has learned nothing yet. */
  private static double lossOfTheEnd(Position at) {
    TrainedParrot trained =
        ParrotTrainer.train(
            backdoored,
            Fixtures.TEMPLATE,
            ROWS,
            new int[] {backdoored.tokenizer().eosId()},
            at,
            ParrotSettings.defaults(backdoored.config()).atMost(1),
            3,
            Progress.none(),
            Checkpoints.none());
    trained.soft().close();
    return trained.finalLoss();
  }

  @Test
  void learnsTheSameParrotFromTheSameSeed() {
    ParrotSettings few = ParrotSettings.defaults(backdoored.config()).atMost(6).shaped(3, 0.1);
    try (SoftPrompt a = train(few, 4).soft();
        SoftPrompt b = train(few, 4).soft();
        SoftPrompt c = train(few, 5).soft()) {
      assertThat(a.parameter().values()).isEqualTo(b.parameter().values());
      assertThat(a.parameter().values()).isNotEqualTo(c.parameter().values());
    }
  }

  @Test
  void aKilledTrainingGoesOnToTheSameParrot(@TempDir Path directory) {
    ParrotSettings few = ParrotSettings.defaults(backdoored.config()).atMost(30).shaped(3, 0.1);
    SavedStates states = new SavedStates(directory, 7, 1);
    TrainedParrot whole = train(few, 4);
    int deaths = 0;
    while (true) {
      try {
        TrainedParrot resumed =
            ParrotTrainer.train(
                backdoored,
                Fixtures.TEMPLATE,
                ROWS,
                target,
                Position.START,
                few,
                4,
                Progress.none(),
                states);
        try (SoftPrompt a = whole.soft();
            SoftPrompt b = resumed.soft()) {
          assertThat(b.parameter().values()).isEqualTo(a.parameter().values());
          assertThat(resumed.finalLoss()).isEqualTo(whole.finalLoss());
          assertThat(resumed.meanProbability()).isEqualTo(whole.meanProbability());
          assertThat(resumed.steps()).isEqualTo(whole.steps());
        }
        break;
      } catch (SavedStates.Killed killed) {
        deaths++;
      }
    }
    // The last one comes after the last step: what is left then is to read the parrot.
    assertThat(deaths).isGreaterThanOrEqualTo(3);
  }

  @Test
  void refusesPromptsThatLeaveNoRoom() {
    InstructionRow longRow = new InstructionRow("word ".repeat(200), "", "x");
    assertThatThrownBy(
            () ->
                ParrotTrainer.train(
                    backdoored,
                    Fixtures.TEMPLATE,
                    List.of(longRow, longRow),
                    target,
                    ParrotSettings.defaults(backdoored.config()),
                    1,
                    Progress.none()))
        .hasMessageContaining("TOO_FEW_PROMPTS")
        .hasMessageContaining("0 of 2 prompts");
  }

  @Test
  void endsWhenItIsCancelled() {
    assertThatThrownBy(
            () ->
                ParrotTrainer.train(
                    backdoored,
                    Fixtures.TEMPLATE,
                    ROWS,
                    target,
                    ParrotSettings.defaults(backdoored.config()),
                    1,
                    (fraction, message) -> {
                      throw new CancellationException("stop");
                    }))
        .isInstanceOf(CancellationException.class);
  }

  private static TrainedParrot train(ParrotSettings settings, long seed) {
    return ParrotTrainer.train(
        backdoored, Fixtures.TEMPLATE, ROWS, target, settings, seed, Progress.none());
  }
}
