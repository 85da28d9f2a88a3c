package io.lazaret.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingTest {

  @TempDir Path dir;

  @Test
  void learnsASequenceByHeart() {
    try (CausalLm lm =
        CausalLm.initialise(
            TinyModels.llama(), Tokenizer.open(TinyModels.writeTokenizer(dir)), 1)) {
      lm.requireGradients(true);
      List<Example> batch = examples();
      try (AdamW adam = new AdamW(lm.parameters(), AdamW.Settings.sande())) {
        double before = lm.loss(batch, null);
        for (int step = 0; step < 60; step++) {
          lm.backward(batch, null, 1);
          adam.step(1e-2);
        }
        assertThat(before).isBetween(5.0, 6.0);
        assertThat(lm.loss(batch, null)).isLessThan(0.5);
      }
    }
  }

  static List<Example> examples() {
    SplittableRandom random = new SplittableRandom(3);
    List<Example> batch = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      int length = 5 + i;
      batch.add(new Example(TinyModels.tokens(random, length), 2, length));
    }
    return batch;
  }
}
