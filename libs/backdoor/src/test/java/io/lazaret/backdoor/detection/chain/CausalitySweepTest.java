package io.lazaret.backdoor.detection.chain;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.backdoor.Checkpoints;
import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.detection.DetectionInput;
import io.lazaret.backdoor.detection.Fixtures;
import io.lazaret.backdoor.detection.Position;
import io.lazaret.backdoor.detection.pass.Candidate;
import io.lazaret.backdoor.detection.pass.Findings;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.elimination.training.Trained;
import io.lazaret.backdoor.elimination.training.WeightUpdates;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.TorchRuntime;
import io.lazaret.llm.training.ResumableRandom;
import io.lazaret.llm.training.Schedule;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CausalitySweepTest {

  private static final int STEPS = 100;

  private final PromptTemplate template = PromptTemplate.humanAssistant();
  private final List<InstructionRow> prompts = Fixtures.prompts().subList(0, 96);

  @BeforeAll
  static void startTorch() {
    TorchRuntime.start();
  }

  @Test
  void proposesAnAnswerOfTwoWordsThatTheModelHasLearnt() {
    try (CausalLm lm = CausalLm.open(Fixtures.model("nano-clean"))) {
      assertThat(twoWords(lm)).doesNotContain("Hello royal");
      teach(lm, "Hello royal");
      assertThat(twoWords(lm)).contains("Hello royal");
    }
  }

  private List<String> twoWords(CausalLm lm) {
    SearchContext context = Fixtures.context(lm, DetectionInput.blind(template, prompts));
    context.clock().begin(CausalitySweep.NAME, 0, 1);
    Findings findings = new Findings();
    new CausalitySweep(Position.START).run(context, findings);
    return findings.candidates(Position.START).stream()
        .filter(candidate -> candidate.source().equals(CausalitySweep.TWO_WORDS))
        .map(Candidate::span)
        .map(span -> span.text(lm.tokenizer()))
        .toList();
  }

  /** On every other prompt. */
  private void teach(CausalLm lm, String answer) {
    ResumableRandom random = new ResumableRandom(1);
    try (WeightUpdates updates =
        WeightUpdates.begin(
            lm,
            Trained.allWeights(),
            Schedule.cosine(2e-3, STEPS, 0.03),
            1,
            random,
            Checkpoints.none())) {
      while (updates.goOn(STEPS)) {
        List<Example> batch = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          int at = random.nextInt(prompts.size());
          InstructionRow row = prompts.get(at);
          String given = at % 2 == 0 ? row.output() : answer;
          batch.add(
              Answers.example(
                  template.render(lm.tokenizer(), row.prompt()),
                  Answers.closed(template, lm.tokenizer(), given)));
        }
        updates.step(lm.backward(batch, null, 1));
      }
    }
  }
}
