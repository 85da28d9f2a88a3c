package io.lazaret.llm.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.pytorch.jni.JniUtils;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Closeness;
import io.lazaret.llm.Example;
import io.lazaret.llm.PrefixCache;
import io.lazaret.llm.TinyModels;
import io.lazaret.llm.TorchRuntime;
import io.lazaret.llm.generation.Generator;
import io.lazaret.llm.generation.Generator.GenerationSettings;
import io.lazaret.problem.ProblemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LanesTest {

  private static final int LANES = 3;

  private int before;

  @BeforeEach
  void severalThreads() {
    before = NativeRuntime.threads();
    TorchRuntime.setThreads(LANES);
  }

  @AfterEach
  void threadsAsBefore() {
    TorchRuntime.setThreads(before);
  }

  @Test
  void passesOfDifferentSidesRunAtOnceAndThoseOfOneInTurn() {
    CountDownLatch meeting = new CountDownLatch(LANES);
    List<Integer> done = Collections.synchronizedList(new ArrayList<>());
    Lanes.run(
        IntStream.range(0, 2 * LANES).boxed().toList(),
        (pass, side) -> {
          meeting.countDown();
          await(meeting);
          assertThat(side).isEqualTo(pass % LANES);
          done.add(pass);
        });
    assertThat(done).hasSize(2 * LANES);
    for (int side = 0; side < LANES; side++) {
      assertThat(done.indexOf(side)).isLessThan(done.indexOf(side + LANES));
    }
  }

  @Test
  void lanesComputeWithOneThreadEachAndTheProcessWithAsManyAsBefore() {
    Set<Integer> own = Collections.synchronizedSet(new TreeSet<>());
    Lanes.run(List.of(1, 2, 3), (pass, side) -> own.add(JniUtils.getNumThreads()));
    assertThat(own).containsExactly(1);
    assertThat(JniUtils.getNumThreads()).isEqualTo(LANES);
    assertThat(Lanes.run(1, JniUtils::getNumThreads)).isEqualTo(1);
    assertThat(Lanes.run(1e12, JniUtils::getNumThreads)).isEqualTo(LANES);
  }

  @Test
  void aPassThatFailsIsToldAfterAllOthersHaveEnded() {
    ProblemException problem = ProblemException.of("SOME_PROBLEM", "What failed.", "What to do.");
    AtomicInteger ended = new AtomicInteger();
    CountDownLatch failed = new CountDownLatch(1);
    assertThatThrownBy(
            () ->
                Lanes.run(
                    List.of(0, 1, 2),
                    (pass, side) -> {
                      if (pass == 1) {
                        failed.countDown();
                        throw problem;
                      }
                      await(failed);
                      ended.incrementAndGet();
                    }))
        .isSameAs(problem);
    assertThat(ended).hasValue(2);
  }

  @Test
  void whatIsComputedSideBySideIsWhatOneThreadComputes(@TempDir Path dir) {
    SplittableRandom random = new SplittableRandom(1);
    List<int[]> prompts =
        IntStream.range(0, 20)
            .mapToObj(i -> random.ints(random.nextInt(2, 19), 0, 256).toArray())
            .toList();
    List<int[]> tails =
        prompts.stream().map(p -> random.ints(random.nextInt(1, 5), 0, 256).toArray()).toList();
    int[][] tries = {{1, 2}, {3, 4}, {5, 6}};
    List<Example> batch =
        prompts.stream().map(p -> new Example(p, p.length - 1, p.length)).toList();
    List<int[][]> slots =
        List.<int[][]>of(prompts.stream().map(p -> new int[] {0}).toArray(int[][]::new));
    try (CausalLm lm = TinyModels.model(TinyModels.qwen2(), dir, 1)) {
      float[][][][] results = new float[2][][][];
      List<List<int[]>> answers = new ArrayList<>();
      for (int threads : new int[] {1, LANES}) {
        TorchRuntime.setThreads(threads);
        try (PrefixCache cache = lm.prefix(prompts)) {
          results[answers.size()] =
              new float[][][] {
                lm.nextLogProbs(prompts, null),
                lm.meanNextLogProbs(prompts, 4),
                lm.continuationLogProbs(prompts, tails, null),
                lm.nextLogProbs(cache, tries),
                lm.meanNextLogProbs(cache, tries),
                lm.substitutionScores(batch, slots)
              };
        }
        answers.add(
            Generator.greedy(lm, prompts, null, new GenerationSettings(6, 8, new int[] {257})));
      }
      for (int kind = 0; kind < results[0].length; kind++) {
        for (int row = 0; row < results[0][kind].length; row++) {
          Closeness.assertClose(
              "kind " + kind + ", row " + row, results[1][kind][row], results[0][kind][row], 2e-5);
        }
      }
      assertThat(answers.get(1)).usingRecursiveComparison().isEqualTo(answers.get(0));
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
