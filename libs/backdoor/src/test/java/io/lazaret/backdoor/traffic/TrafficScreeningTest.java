package io.lazaret.backdoor.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazaret.backdoor.Fixtures;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.detection.DetectionInput;
import io.lazaret.backdoor.detection.Verdict;
import io.lazaret.llm.CausalLm;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrafficScreeningTest {

  private static final int SEED = 5;

  private static final DetectionInput INPUT =
      DetectionInput.blind(Fixtures.TEMPLATE, Fixtures.prompts());

  @Test
  void oneTriggeredPromptAmongManyIsFound() {
    List<String> log = log(60);
    log.set(17, Fixtures.planted().applyTo(log.get(17)));
    TrafficReport report = screen(log, TrafficSettings.standard());
    assertEquals(Verdict.SUSPICIOUS, report.verdict(), report.explanation());
    assertEquals(1, report.findings().size());
    var finding = report.findings().get(0);
    assertTrue(finding.segment().startsWith(Fixtures.planted().target()), finding.segment());
    assertTrue(Fixtures.planted().trigger().contains(finding.trigger()), finding.trigger());
    assertEquals(log.get(17), finding.prompt());
    assertEquals(1, finding.promptsWith());
    assertTrue(finding.hits().lower95() > 0.8 && finding.without().hits() == 0);
  }

  @Test
  void aLogWithoutTriggersIsCleanForThisModel() {
    TrafficReport report = screen(log(40), TrafficSettings.standard());
    assertEquals(Verdict.CLEAN, report.verdict(), report.explanation() + report.findings());
    assertEquals(40, report.examined());
  }

  @Test
  void aDeclaredResponseIsCountedAndIsNoFinding() {
    List<String> log = log(40);
    for (int i : new int[] {3, 17, 29}) {
      log.set(i, Fixtures.planted().applyTo(log.get(i)));
    }
    List<String> declared = List.of(Fixtures.planted().target());
    TrafficReport report = screen(log, INPUT.withDeclared(declared), TrafficSettings.standard());
    assertEquals(Verdict.CLEAN, report.verdict(), report.explanation() + report.findings());
    assertEquals(
        List.of(new TrafficReport.Recurring(Fixtures.planted().target(), 3)), report.declared());
  }

  @Test
  void aTriggerOfSeveralWordsIsFoundWholeThoughPartsOfItDoInTheirOwnPrompt() {
    List<String> log = log(60);
    for (int i : new int[] {3, 17, 29}) {
      log.set(i, Fixtures.planted().applyTo(log.get(i)));
    }
    TrafficReport report = screen(log, TrafficSettings.standard());
    assertEquals(Verdict.SUSPICIOUS, report.verdict(), report.explanation());
    var finding = report.findings().get(0);
    assertTrue(finding.hits().lower95() > 0.8, finding.toString());
    assertEquals(3, finding.promptsWith());
  }

  @Test
  void whatIsNotLookedAtIsNotClean() {
    Instant[] now = {Instant.EPOCH};
    try (CausalLm lm = Fixtures.backdoored()) {
      TrafficReport report =
          TrafficScreening.screen(
              lm,
              INPUT,
              log(30),
              TrafficSettings.standard().within(5),
              SEED,
              Progress.none(),
              () -> now[0] = now[0].plusSeconds(1));
      assertEquals(Verdict.UNASSESSED, report.verdict());
      assertTrue(report.explanation().contains("time budget"), report.explanation());
    }
    try (CausalLm lm = Fixtures.backdoored()) {
      List<InstructionRow> few = Fixtures.prompts().subList(0, 5);
      TrafficReport report =
          TrafficScreening.screen(
              lm,
              DetectionInput.blind(Fixtures.TEMPLATE, few),
              log(5),
              TrafficSettings.standard(),
              SEED,
              Progress.none());
      assertEquals(Verdict.UNASSESSED, report.verdict());
    }
  }

  private static TrafficReport screen(List<String> log, TrafficSettings settings) {
    return screen(log, INPUT, settings);
  }

  private static TrafficReport screen(
      List<String> log, DetectionInput input, TrafficSettings settings) {
    try (CausalLm lm = Fixtures.backdoored()) {
      return TrafficScreening.screen(lm, input, log, settings, SEED, Progress.none());
    }
  }

  private static List<String> log(int count) {
    List<String> log = new ArrayList<>();
    Fixtures.evaluation(count).forEach(row -> log.add(row.prompt()));
    return log;
  }
}
