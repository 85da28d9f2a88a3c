package io.lazaret.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.problem.ProblemException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchRunTest {

  @TempDir Path work;

  private final List<String> measured = new ArrayList<>();
  private boolean broken;
  private boolean silent;
  private boolean kept = true;

  private final Benchmark benchmark =
      new Benchmark() {
        @Override
        public String name() {
          return "sample";
        }

        @Override
        public String description() {
          return "for this test";
        }

        @Override
        public List<BenchCase> cases(BenchSettings settings) {
          return List.of(part("a.one", 1, true), part("a.two", 2, true), part("b", 3, kept));
        }

        @Override
        public List<String> notes(BenchSettings settings) {
          return List.of();
        }
      };

  private BenchCase part(String name, double value, boolean keptCase) {
    return new BenchCase(
        name,
        () -> {
          if (broken && name.equals("b")) {
            throw ProblemException.of("BROKEN", "It broke.", "Mend it.");
          }
          measured.add(name);
          if (silent) {
            return List.of();
          }
          return List.of(new Measurement(name, value, "s", Bar.atMost(2)));
        },
        keptCase);
  }

  private BenchDocument run(String only, boolean resume) throws Exception {
    BenchSettings settings = new BenchSettings(true, 1, work, work, "python3", line -> {});
    Clock clock = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
    return new BenchRun(benchmark, settings, clock).run(only, resume);
  }

  @Test
  void aResumedRunMeasuresOnlyWhatIsMissing() throws Exception {
    broken = true;
    assertThatThrownBy(() -> run("", false)).hasMessageContaining("It broke.");
    broken = false;
    measured.clear();
    BenchDocument document = run("", true);
    assertThat(measured).containsExactly("b");
    assertThat(document.measurements())
        .containsExactly(
            new Measurement("a.one", 1, "s", Bar.atMost(2)),
            new Measurement("a.two", 2, "s", Bar.atMost(2)),
            new Measurement("b", 3, "s", Bar.atMost(2)));
    assertThat(document.commit()).isEqualTo("unknown");
  }

  @Test
  void aCaseMadeFromOthersIsMeasuredAgain() throws Exception {
    kept = false;
    run("", true);
    run("", true);
    assertThat(measured).containsExactly("a.one", "a.two", "b", "b");
  }

  @Test
  void aCaseWithoutFiguresIsTriedAgain() throws Exception {
    silent = true;
    run("b", true);
    silent = false;
    assertThat(run("b", true).measurements()).hasSize(1);
  }

  @Test
  void aFreshRunForgetsTheEarlierOne() throws Exception {
    run("", false);
    run("", false);
    assertThat(measured).hasSize(6);
  }

  @Test
  void aPartMeasuredAnewLeavesTheRest() throws Exception {
    run("", false);
    run("b", false);
    measured.clear();
    assertThat(run("", true).measurements()).hasSize(3);
    assertThat(measured).isEmpty();
  }

  @Test
  void aPrefixChoosesCases() throws Exception {
    assertThat(run("a.", false).measurements()).hasSize(2);
    assertThatThrownBy(() -> run("c", false)).hasMessageContaining("BENCH_CASE_UNKNOWN");
  }
}
