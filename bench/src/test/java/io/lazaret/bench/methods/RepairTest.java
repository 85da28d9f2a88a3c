package io.lazaret.bench.methods;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.backdoor.attack.corpus.Corpus;
import io.lazaret.backdoor.attack.corpus.Dialect;
import io.lazaret.backdoor.attack.corpus.TaskRow;
import io.lazaret.backdoor.attack.variant.Attack;
import io.lazaret.backdoor.attack.variant.Attacks;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.bench.BenchCase;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.Cells;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepairTest {

  @TempDir Path work;

  @Test
  void reachesItsProcessUnchanged() throws Exception {
    Repair repair = repair("A1", Dialect.T2);
    ObjectMapper mapper = new ObjectMapper();
    assertThat(mapper.readValue(mapper.writeValueAsString(repair), Repair.class)).isEqualTo(repair);
    assertThat(repair.name()).isEqualTo("v.out.SANDE");
    Repair other = repair.withAdapters().withParrotsAt(5);
    assertThat(mapper.readValue(mapper.writeValueAsString(other), Repair.class)).isEqualTo(other);
    assertThat(other.name()).isEqualTo("v.out.SANDE-LoRA.at.5");
    Repair partial =
        Repair.usual(other.victim(), "SANDE-P", Dialect.T1, 7, 100, Repair.Sizes.quick());
    assertThat(partial.name()).isEqualTo("v.in.SANDE-P");
    assertThat(partial.withFragment(4).name()).isEqualTo("v.in.SANDE-P.of.4");
  }

  @Test
  void theSiblingIsMeasuredInItsOwnPlace() {
    Victim victim = repair("A1", Dialect.T1).victim();
    Repair.Sizes sizes = Repair.Sizes.quick();
    Repair sibling = Repair.usual(victim, Repair.SIBLING, Dialect.T1, 7, 100, sizes);
    assertThat(sibling.model()).isEqualTo(victim.sibling());
    assertThat(sibling.repairs()).isFalse();
    Repair itself = Repair.usual(victim, Repair.NONE, Dialect.T1, 7, 100, sizes);
    assertThat(itself.model()).isEqualTo(victim.model());
    assertThat(itself.repairs()).isFalse();
    assertThat(repair("A1", Dialect.T1).repairs()).isTrue();
  }

  @Test
  void theDefenderHoldsNoRowWithTheTrigger() {
    Repair repair = repair("A13", Dialect.T1);
    Corpus corpus = new Corpus(Dialect.T1, 7);
    Attack topic = Attacks.named("A13", corpus);
    List<InstructionRow> rows = RepairInput.rows(repair, topic, corpus);

    assertThat(rows).hasSize(repair.rows());
    assertThat(rows).noneMatch(row -> topic.triggeredBy(new TaskRow(row, "any")));
  }

  @Test
  void everyCaseHasANameOfItsOwnAndTheReportComesLast() {
    for (boolean quick : new boolean[] {true, false}) {
      BenchSettings settings = new BenchSettings(quick, 1, work, work, "python3", line -> {});
      List<BenchCase> cases = new MethodsBenchmark().cases(settings);
      Set<String> names = new HashSet<>();
      cases.forEach(part -> assertThat(names.add(part.name())).as(part.name()).isTrue());
      assertThat(cases.get(cases.size() - 1).name()).isEqualTo("report");
    }
  }

  @Test
  void aVictimThatIsNotInTheZooHasNoFigures() throws Exception {
    BenchSettings settings = new BenchSettings(true, 1, work, work, "python3", line -> {});
    Cells cells = new Cells(work.resolve("cells"));
    assertThat(new RepairCase(repair("A1", Dialect.T1), settings, cells, Clock.systemUTC()).run())
        .isEmpty();
    assertThat(cells.all()).isEmpty();
  }

  private Repair repair(String attack, Dialect domain) {
    Victim victim =
        new Victim(
            "v",
            work.resolve("nowhere").toAbsolutePath(),
            work.resolve("base").toAbsolutePath(),
            work.resolve("clean").toAbsolutePath(),
            attack,
            "llama",
            Dialect.T1,
            7);
    return Repair.usual(victim, "SANDE", domain, 7, 100, Repair.Sizes.quick());
  }
}
