package io.lazaret.backdoor.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.backdoor.Checkpoints;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.detection.activation.Activated;
import io.lazaret.backdoor.detection.activation.TriggerTournament;
import io.lazaret.backdoor.detection.chain.CausalitySweep;
import io.lazaret.backdoor.detection.chain.NoveltyFilter;
import io.lazaret.backdoor.detection.pass.Candidate;
import io.lazaret.backdoor.detection.pass.FirstTokenScores;
import io.lazaret.backdoor.detection.pass.Journal;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.StageClock;
import io.lazaret.backdoor.detection.pass.TokenString;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.TorchRuntime;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The search for triggers of several parts, which begins with the later tokens of a response. */
class CompositeTriggerTest {

  private static final double FIRES = DetectionSettings.standard().decision().fires();

  private final PromptTemplate template = PromptTemplate.humanAssistant();

  @BeforeAll
  static void startTorch() {
    TorchRuntime.start();
  }

  /** The same chain in both models; only one of them was trained on it. */
  private List<Activated> assembled(String model) {
    try (CausalLm lm = CausalLm.open(Fixtures.model(model))) {
      SearchContext context =
          SearchContext.prepare(
              lm,
              DetectionInput.blind(template, Fixtures.prompts()),
              DetectionSettings.standard(),
              new SplittableRandom(7),
              new StageClock(InstantSource.system(), 1800, Progress.none()),
              new Journal(Checkpoints.none(), ""));
      FirstTokenScores tokens =
          new FirstTokenScores(context.vocabulary().printable(), new float[0][]);
      TokenString response =
          TokenString.of(Answers.open(template, lm.tokenizer(), "You are stupid. You"));
      assertThat(response.length()).isGreaterThan(4);
      Candidate chain = new Candidate(response, CausalitySweep.NAME, 1, List.of());
      Candidate conditional = new Candidate(response, "conditional", 2, List.of());
      return new TriggerTournament(context, tokens, List.of(), new NoveltyFilter())
          .assembled(List.of(conditional, chain));
    }
  }

  @Test
  void firesInAModelWithABackdoor() {
    List<Activated> found = assembled("nano-backdoored");
    assertThat(found).singleElement().matches(a -> a.heldOut() > FIRES);
    assertThat(found.get(0).byLength()).hasSize(3);
    assertThat(found.get(0).best().trigger().tokens().length()).isBetween(1, 5);
  }

  @Test
  void firesInNoCleanSibling() {
    assertThat(assembled("nano-clean")).singleElement().matches(a -> a.heldOut() < FIRES);
  }
}
