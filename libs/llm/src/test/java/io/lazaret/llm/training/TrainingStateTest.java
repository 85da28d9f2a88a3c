package io.lazaret.llm.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.llm.CausalLm;
import io.lazaret.llm.ComputeSettings;
import io.lazaret.llm.ComputeSettings.Precision;
import io.lazaret.llm.Example;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.Parameter;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.llm.TinyModels;
import io.lazaret.llm.training.TrainingState.Position;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class TrainingStateTest {

  private static final int STEPS = 10;

  @TempDir Path dir;

  enum What {
    WEIGHTS,
    CHOSEN_LAYERS_IN_BFLOAT16,
    SOFT_PROMPT,
    ADAPTERS
  }

  /** A run from the same beginnings each time it is made: as in a process of its own. */
  private final class Run implements AutoCloseable {
    private final CausalLm lm;
    private final SoftPrompt soft;
    private final Lora lora;
    private final AdamW adam;
    private final List<Parameter> trained;
    private final ResumableRandom random = new ResumableRandom(3);
    private final Schedule schedule = Schedule.cosine(0.02, STEPS, 0.2);
    private double smoothed = 1;
    private int step;

    Run(ModelConfig config, What what) {
      lm = TinyModels.model(config, dir, 1);
      soft = what == What.SOFT_PROMPT ? SoftPrompt.random(lm, 3, 0.5, 2) : null;
      lora = what == What.ADAPTERS ? LoraTest.rough(lm, LoraTest.everywhere(lm)) : null;
      switch (what) {
        case WEIGHTS -> lm.requireGradients(true);
        case CHOSEN_LAYERS_IN_BFLOAT16 -> {
          lm.requireGradients(name -> name.contains(".1."));
          lm.configure(new ComputeSettings(Precision.BF16, 2, true, 2));
        }
        case SOFT_PROMPT, ADAPTERS -> {}
      }
      trained = soft == null ? lm.trainable() : List.of(soft.parameter());
      adam = new AdamW(trained, new AdamW.Settings(0.9, 0.95, 1e-8, 0.01, 1));
    }

    Run trainTo(int end) {
      List<Example> all =
          soft == null ? ComputeSettingsTest.examples() : ComputeSettingsTest.examples(soft);
      for (; step < end; step++) {
        List<Example> batch = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          batch.add(all.get(random.nextInt(all.size())));
        }
        smoothed = 0.9 * smoothed + 0.1 * lm.backward(batch, soft, 1);
        adam.step(schedule.at(step));
      }
      return this;
    }

    void save() {
      Map<String, Double> figures = Map.of("smoothed", smoothed);
      TrainingState.write(dir, adam, new Position("run 1", step, random.state(), figures));
    }

    Run resume() {
      Position position = TrainingState.read(dir, adam, "run 1").orElseThrow();
      step = (int) position.step();
      random.restore(position.random());
      smoothed = position.figures().get("smoothed");
      return this;
    }

    List<float[]> values() {
      return trained.stream().map(Parameter::values).toList();
    }

    @Override
    public void close() {
      adam.close();
      if (soft != null) {
        soft.close();
      }
      if (lora != null) {
        lora.close();
      }
      lm.close();
    }
  }

  static Stream<Named<ModelConfig>> architectures() {
    return TinyModels.architectures();
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void goesOnToTheSameBytes(ModelConfig config) {
    assertSameBytes(config, What.WEIGHTS);
  }

  @ParameterizedTest
  @EnumSource(What.class)
  void whateverIsTrained(What what) {
    assertSameBytes(TinyModels.llama(), what);
  }

  private void assertSameBytes(ModelConfig config, What what) {
    try (Run whole = new Run(config, what).trainTo(STEPS);
        Run first = new Run(config, what).trainTo(STEPS / 2)) {
      first.save();
      List<float[]> half = first.values();
      try (Run second = new Run(config, what).resume()) {
        assertThat(second.step).isEqualTo(STEPS / 2);
        second.trainTo(STEPS);
        assertThat(second.smoothed).isEqualTo(whole.smoothed);
        for (int i = 0; i < half.size(); i++) {
          String name = whole.trained.get(i).name();
          assertThat(second.values().get(i)).as(name).isEqualTo(whole.values().get(i));
        }
        assertThat(half).anyMatch(x -> !contains(whole.values(), x));
      }
    }
  }

  private static boolean contains(List<float[]> arrays, float[] array) {
    return arrays.stream().anyMatch(x -> Arrays.equals(x, array));
  }

  @Test
  void momentsMatter() {
    try (Run whole = new Run(TinyModels.llama(), What.ADAPTERS).trainTo(STEPS);
        Run first = new Run(TinyModels.llama(), What.ADAPTERS).trainTo(STEPS / 2)) {
      List<float[]> half = first.values();
      try (AdamW fresh = new AdamW(first.trained, new AdamW.Settings(0.9, 0.95, 1e-8, 0.01, 1))) {
        Position position =
            new Position("run 1", first.step, first.random.state(), Map.of("smoothed", 1.0));
        TrainingState.write(dir, fresh, position);
      }
      try (Run second = new Run(TinyModels.llama(), What.ADAPTERS).resume()) {
        assertThat(second.values().get(0)).isEqualTo(half.get(0));
        second.trainTo(STEPS);
        assertThat(second.values().get(0)).isNotEqualTo(whole.values().get(0));
      }
    }
  }

  @Test
  void aNewStateTakesThePlaceOfTheOld() throws IOException {
    try (Run run = new Run(TinyModels.llama(), What.SOFT_PROMPT)) {
      assertThat(TrainingState.read(dir, run.adam, "run 1")).isEqualTo(Optional.empty());
      run.trainTo(2).save();
      run.trainTo(4).save();
      assertThat(TrainingState.read(dir, run.adam, "run 1").orElseThrow().step()).isEqualTo(4);
      try (Stream<Path> files = Files.list(dir)) {
        assertThat(files.map(p -> p.getFileName().toString()))
            .filteredOn(name -> name.contains("training-state"))
            .containsExactly(TrainingState.FILE);
      }
    }
  }

  @Test
  void aFailedWriteLeavesTheOldState() throws IOException {
    try (Run run = new Run(TinyModels.llama(), What.SOFT_PROMPT)) {
      run.trainTo(2).save();
      Files.createDirectories(dir.resolve("." + TrainingState.FILE + ".new/in the way"));
      run.trainTo(4);
      assertProblem(run::save, "WRITE_FAILED", "");
      assertThat(TrainingState.read(dir, run.adam, "run 1").orElseThrow().step()).isEqualTo(2);
    }
  }

  @Test
  void refusesTheStateOfAnotherRunAndChangesNothing() {
    try (Run run = new Run(TinyModels.llama(), What.SOFT_PROMPT);
        Run adapters = new Run(TinyModels.llama(), What.ADAPTERS)) {
      run.trainTo(2).save();
      List<float[]> before = adapters.values();
      assertProblem(
          () -> TrainingState.read(dir, run.adam, "run 2"), "TRAINING_STATE_MISMATCH", "'run 2'");
      assertProblem(
          () -> TrainingState.read(dir, adapters.adam, "run 1"),
          "TRAINING_STATE_MISMATCH",
          "lora_A");
      adapters.save();
      assertProblem(
          () -> TrainingState.read(dir, run.adam, "run 1"),
          "TRAINING_STATE_MISMATCH",
          "soft_prompt");
      for (int i = 0; i < before.size(); i++) {
        assertThat(adapters.values().get(i)).isEqualTo(before.get(i));
      }
    }
  }

  @Test
  void refusesDamagedFiles() {
    try (Run run = new Run(TinyModels.llama(), What.SOFT_PROMPT)) {
      run.trainTo(2).save();
      byte[] good = bytes();
      overwrite(Arrays.copyOf(good, good.length - 1));
      assertThatThrownBy(() -> TrainingState.read(dir, run.adam, "run 1"))
          .isInstanceOf(ProblemException.class)
          .hasMessageContaining("SAFETENSORS");
      String text = new String(good, java.nio.charset.StandardCharsets.ISO_8859_1);
      overwrite(
          text.replace("lazaret.step\":\"2\"", "lazaret.step\":\"x\"")
              .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
      assertProblem(
          () -> TrainingState.read(dir, run.adam, "run 1"), "TRAINING_STATE_MISMATCH", "\"x\"");
    }
  }

  private byte[] bytes() {
    try {
      return Files.readAllBytes(dir.resolve(TrainingState.FILE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void overwrite(byte[] bytes) {
    try {
      Files.write(dir.resolve(TrainingState.FILE), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void randomNumbersAreThoseOfSplittableRandom() {
    SplittableRandom theirs = new SplittableRandom(42);
    ResumableRandom ours = new ResumableRandom(42);
    for (int i = 0; i < 1_000; i++) {
      assertThat(ours.nextLong()).isEqualTo(theirs.nextLong());
      assertThat(ours.nextInt()).isEqualTo(theirs.nextInt());
      assertThat(ours.nextInt(7 + i)).isEqualTo(theirs.nextInt(7 + i));
      assertThat(ours.nextDouble()).isEqualTo(theirs.nextDouble());
      assertThat(ours.nextGaussian()).isEqualTo(theirs.nextGaussian());
      assertThat(ours.nextBoolean()).isEqualTo(theirs.nextBoolean());
      ours = new ResumableRandom(ours.state());
    }
  }

  private static void assertProblem(ThrowingCallable call, String code, String finding) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem().code()).isEqualTo(code);
              assertThat(e.problem().sentence()).contains(finding);
            });
  }
}
