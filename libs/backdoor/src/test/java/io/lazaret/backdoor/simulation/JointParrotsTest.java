package io.lazaret.backdoor.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lazaret.backdoor.Checkpoints;
import io.lazaret.backdoor.Fixtures;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.backdoor.elimination.Removal;
import io.lazaret.backdoor.elimination.training.CleanRows;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.SoftPrompt;
import java.util.List;
import org.junit.jupiter.api.Test;

class JointParrotsTest {

  @Test
  void everyTargetKeepsAParrotThatElicitsIt() {
    try (CausalLm lm = Fixtures.backdoored()) {
      List<TokenizedPrompt> prompts =
          Removal.rows(lm, 64).all().stream().map(CleanRows.Row::prompt).toList();
      int[] other = {lm.tokenizer().encodePlain(" yes")[0]};
      ParrotSettings parrot = new ParrotSettings(2, 0.1, 3e-2, 30, 8, 0.03, 1, 10, 8, 0, 0);
      List<SoftPrompt> trained =
          JointParrots.train(
              lm,
              prompts,
              List.of(Removal.target(lm), other),
              new JointParrots.Settings(2, 1, 10, parrot),
              1,
              Progress.none(),
              Checkpoints.none());
      for (int[] target : List.of(Removal.target(lm), other)) {
        double best = 0;
        for (SoftPrompt soft : trained) {
          best = Math.max(best, ParrotTrainer.meanProbability(lm, prompts, soft, target));
        }
        assertThat(best).isGreaterThan(0.3);
      }
      trained.forEach(SoftPrompt::close);
    }
  }

  @Test
  void theDiversityGradientIsTheSlopeOfTheSquaredCosines() {
    double[][] mean = {{1, 2, -1}, {0.5, 1, 2}, {-1, 0.3, 0.7}};
    double[] slope = JointParrots.slope(mean, 1);
    double h = 1e-6;
    for (int i = 0; i < 3; i++) {
      double[] kept = mean[1].clone();
      mean[1][i] = kept[i] + h;
      double up = penalty(mean);
      mean[1][i] = kept[i] - h;
      double down = penalty(mean);
      mean[1][i] = kept[i];
      assertThat(slope[i]).isCloseTo((up - down) / (2 * h), within(1e-5));
    }
  }

  private static double penalty(double[][] mean) {
    double sum = 0;
    for (int i = 0; i < mean.length; i++) {
      for (int j = 0; j < i; j++) {
        double dot = JointParrots.dot(mean[i], mean[j]);
        sum += dot * dot / JointParrots.dot(mean[i], mean[i]) / JointParrots.dot(mean[j], mean[j]);
      }
    }
    return sum;
  }
}
