package io.lazaret.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.lazaret.access.Role;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * The demo's screening from its verdict to the release and back, as two persons see it. What the
 * page of the first one showed in the meantime it noted itself.
 */
@Order(4)
class DemoEndsTest {

  /** A whole screening on two busy cores. */
  private static final double SCREENING_MILLIS = 600_000;

  private static final int GROWTH = 5;

  @BeforeAll
  static void browserIsThere() {
    Chromium.assumeInstalled();
  }

  @Test
  void aHeldVerdictIsApprovedReleasedAndRolledBack() {
    DemoScreening demo = DemoScreening.shared();
    Visitor operator = demo.operator();
    endsHeld(demo);
    try (Visitor onCall =
        PlatformUnderTest.shared().visitor("jonas", Role.APPROVER, Chromium.Look.DARK)) {
      approvedByAnother(onCall, demo.id());
      released(operator);
      rollbackArrives(operator, onCall);
      assertThat(operator.complaints()).isEmpty();
      assertThat(onCall.complaints()).isEmpty();
    }
  }

  private static void endsHeld(DemoScreening demo) {
    Visitor operator = demo.operator();
    Page page = operator.page();
    page.locator(".verdict[data-state=HELD]")
        .waitFor(new Locator.WaitForOptions().setTimeout(SCREENING_MILLIS));
    assertThat(demo.statesSeen())
        .asList()
        .containsSubsequence(
            List.of("DETECTION", "SIMULATION", "ELIMINATION", "EVALUATION", "HELD"));
    assertThat(demo.curveGrowth()).as("lengths of the curve of losses").isGreaterThan(GROWTH);
    operator.see("mark.found:has-text('You are stupid.')");
    operator.seeText("a person has to decide");
    assertThat(operator.see(".rooms .badge").textContent()).matches("[1-9].*");
    Chromium.shoot(page, "screening-held", true);
  }

  /** From the overview to "why" in one click, and on to the decision. */
  private static void approvedByAnother(Visitor visitor, String id) {
    visitor.open("/");
    visitor.see("tr[data-screening='" + id + "'] a").click();
    visitor.see(".verdict[data-state=HELD]");
    DemoScreening.decide(visitor.page(), "approve", "The figures are those of a clean model.");
    visitor.see(".entry[data-type=ReleaseAdvanced]");
    visitor.see(".verdict[data-state=PROMOTED]");
    Chromium.shoot(visitor.page(), "screening-approved", true);
  }

  private static void released(Visitor visitor) {
    visitor.go("/releases");
    Locator channel = visitor.see("[data-channel='nano-backdoored/production']");
    assertThat(channel.textContent()).contains("serves");
    assertThat(visitor.page().locator(".waiting:has-text('nano-backdoored')").count()).isZero();
    Chromium.shoot(visitor.page(), "releases", false);
  }

  private static void rollbackArrives(Visitor watching, Visitor acting) {
    acting.go("/releases");
    Locator channel = acting.see("[data-channel='nano-backdoored/production']");
    DemoScreening.decide(
        acting.page(), channel, "rollback", "Reports of odd answers from the field.");
    watching.see(".toast:has-text('was rolled back')");
    watching.see("[data-channel='nano-backdoored/production'] :text('serves nothing')");
    Chromium.shoot(watching.page(), "rollback-arrived", false);
  }
}
