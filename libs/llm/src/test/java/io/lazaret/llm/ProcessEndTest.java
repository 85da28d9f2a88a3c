package io.lazaret.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ProcessEndTest {

  private static final int TERMINATED = 128 + 15;

  @TempDir Path dir;

  @Test
  @Timeout(120)
  void aProcessThatIsToldToEndWhileItTrainsEndsWithoutACrash() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Trainer.class.getName(),
                Files.createDirectory(dir.resolve("tokenizer")).toString())
            .directory(dir.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader out = process.inputReader()) {
      // The line comes after the first call: the second one is running then.
      assertThat(out.readLine()).isEqualTo("stepped");
      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).isEqualTo(TERMINATED);
    try (Stream<Path> files = Files.list(dir)) {
      assertThat(files.map(p -> p.getFileName().toString()))
          .noneMatch(name -> name.startsWith("hs_err"));
    }
  }

  /** Trains until it is ended. */
  static final class Trainer {
    public static void main(String[] arguments) throws IOException {
      ModelConfig config = ModelConfig.llama(TinyModels.VOCAB, 128, 8, 4, 4, 352, 64, 256, 257);
      CausalLm lm = TinyModels.model(config, Path.of(arguments[0]), 1);
      lm.requireGradients(true);
      SplittableRandom random = new SplittableRandom(1);
      List<Example> batch =
          Stream.generate(() -> new Example(TinyModels.tokens(random, 64), 1, 64))
              .limit(64)
              .toList();
      while (true) {
        lm.backward(batch, null, 1);
        System.out.println("stepped");
      }
    }
  }
}
