package io.lazaret.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildProcessTest {

  @TempDir Path work;

  private Children children(String python) {
    return new Children(new BenchSettings(true, 1, work, work, python, line -> {}));
  }

  /** Holds memory, burns time on request, fails on request. */
  static final class Worker {
    public static void main(String[] arguments) throws Exception {
      byte[] held = new byte[Integer.parseInt(arguments[0]) << 20];
      java.util.Arrays.fill(held, (byte) 1);
      ChildMain.serve(
          Map.of("held", held.length),
          line -> {
            double sum = 0;
            long steps = ChildMain.repetitions(line) * 20_000_000L;
            for (long i = 0; i < steps; i++) {
              sum += Math.sqrt(i) * held[(int) i & 1023];
            }
            return Map.of("sum", sum);
          });
    }
  }

  @Test
  void timeAndMemoryOfTheChildAreSeen() {
    try (ChildProcess child =
        children("python3").java("worker", Worker.class, "256m", List.of("100"))) {
      assertThat(child.greeting().path("held").asInt()).isEqualTo(100 << 20);
      double before = child.cpuSeconds();
      assertThat(child.ask("run 3").path("sum").asDouble()).isPositive();
      assertThat(child.cpuSeconds()).isGreaterThan(before);
      assertThat(child.residentMebibytes()).isGreaterThan(100);
      assertThat(child.peakMebibytes()).isGreaterThanOrEqualTo(child.residentMebibytes());
    }
  }

  @Test
  void theSameWorkByTwoChildrenComparesAsEqualAndMoreMemoryAsMore() {
    Map<String, ChildProcess> both = new LinkedHashMap<>();
    try (ChildProcess one = children("python3").java("one", Worker.class, "256m", List.of("1"));
        ChildProcess two = children("python3").java("two", Worker.class, "256m", List.of("101"))) {
      both.put("one", one);
      both.put("two", two);
      Map<String, Comparison.Side> sides = Comparison.of(both, 3);
      assertThat(Comparison.ratio(sides.get("one"), sides.get("two"))).isBetween(0.3, 3.0);
      assertThat(sides.get("two").peakMebibytes())
          .isGreaterThan(sides.get("one").peakMebibytes() + 50);
    }
  }

  @Test
  void aFailureIsAProblemThatQuotesTheChild() {
    try (ChildProcess child =
        children("python3").java("worker", Worker.class, "256m", List.of("1"))) {
      assertThatThrownBy(() -> child.ask("nonsense"))
          .hasMessageContaining("BENCH_PROCESS_FAILED")
          .hasMessageContaining("not understood: nonsense");
    }
    assertThatThrownBy(
            () -> ChildProcess.start("end", List.of("sh", "-c", "echo why >&2"), Map.of(), work))
        .hasMessageContaining("ended. why");
  }

  @Test
  void aMissingInterpreterComesWithTheLineThatInstallsThePeer() {
    assertThatThrownBy(
            () -> children("/nowhere/python").requirePython(Map.of("torch", "torch==2.7.1")))
        .isInstanceOfSatisfying(
            io.lazaret.problem.ProblemException.class,
            e -> {
              assertThat(e.problem().code()).isEqualTo("PEER_MISSING");
              assertThat(e.problem().nextStep())
                  .contains("python3 -m pip install torch==2.7.1", "LAZARET_BENCH_PYTHON");
            });
  }

  @Test
  void theMedianIsTheMiddle() {
    assertThat(Comparison.median(new double[] {3, 1, 2})).isEqualTo(2);
    assertThat(Comparison.median(new double[] {4, 1, 2, 3})).isEqualTo(2.5);
  }
}
