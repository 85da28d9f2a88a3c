package io.lazaret.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.WaitForSelectorState;
import io.lazaret.access.Role;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The demo's screening from its beginning to its release and back, as a person sees it. */
@Order(1)
class DemoOnThePageTest {

  /** A stage on two busy cores. */
  private static final double STAGE_MILLIS = 240_000;

  @BeforeAll
  static void browserIsThere() {
    Chromium.assumeInstalled();
  }

  @Test
  void aScreeningIsWatchedHeldApprovedAndRolledBack() {
    PlatformUnderTest platform = PlatformUnderTest.shared();
    try (Visitor operator = platform.visitor("olivia", Role.OPERATOR, Chromium.Look.LIGHT);
        Visitor onCall = platform.visitor("jonas", Role.APPROVER, Chromium.Look.DARK)) {
      operator.open("/");
      operator.seeText("No verdict yet.");
      String id = platform.screenShippedModel();

      startsOnTheOverview(operator);
      trainingIsSeenLive(operator);
      decide(operator.page(), "hold", "I want to read the evidence first.");
      endsHeld(operator);
      approvedByAnother(onCall, id);
      released(operator);
      rollbackArrives(operator, onCall);

      assertThat(operator.complaints()).isEmpty();
      assertThat(onCall.complaints()).isEmpty();
    }
  }

  private static void startsOnTheOverview(Visitor visitor) {
    Locator worker = visitor.see(".lane .worker .name");
    assertThat(worker.textContent()).isEqualTo("nano-backdoored");
    waitFor(visitor.page(), ".lane[data-stage=DETECTION] .worker .message:has-text('%')");
    Chromium.shoot(visitor.page(), "overview-running", false);
    worker.click();
    waitFor(visitor.page(), ".verdict[data-state=DETECTION]");
  }

  private static void trainingIsSeenLive(Visitor visitor) {
    Page page = visitor.page();
    waitFor(page, "mark.found:has-text('You are stupid.')");
    waitFor(page, ".verdict[data-state=ELIMINATION]");
    waitFor(page, "[data-curve=ELIMINATION] svg.chart path.curve");
    String before =
        page.locator("[data-curve=ELIMINATION] svg.chart path.curve").first().getAttribute("d");
    page.waitForFunction(
        "d => document.querySelector('[data-curve=ELIMINATION] svg.chart path.curve').getAttribute('d').length"
            + " > d.length + 40",
        before,
        new Page.WaitForFunctionOptions().setTimeout(STAGE_MILLIS));
    Chromium.shoot(page, "screening-training", true);
  }

  private static void endsHeld(Visitor visitor) {
    waitFor(visitor.page(), ".verdict[data-state=PROMOTED]");
    visitor.seeText("a person has to decide");
    assertThat(visitor.see(".rooms .badge").textContent()).startsWith("1");
    Chromium.shoot(visitor.page(), "screening-held", false);
  }

  /** From the overview to "why" in one click, and on to the decision. */
  private static void approvedByAnother(Visitor visitor, String id) {
    visitor.open("/");
    visitor.see("tr[data-screening='" + id + "'] a").click();
    waitFor(visitor.page(), ".verdict[data-state=PROMOTED]");
    decide(visitor.page(), "approve", "The figures are those of a clean model.");
    waitFor(visitor.page(), ".entry[data-type=ReleaseAdvanced]");
    Chromium.shoot(visitor.page(), "screening-approved", true);
  }

  private static void released(Visitor visitor) {
    visitor.go("/releases");
    Locator channel = visitor.see("[data-channel='nano-backdoored/production']");
    assertThat(channel.textContent()).contains("serves");
    visitor.seeText("Nothing waits for a decision.");
    Chromium.shoot(visitor.page(), "releases", false);
  }

  private static void rollbackArrives(Visitor watching, Visitor acting) {
    acting.go("/releases");
    acting.see("[data-channel='nano-backdoored/production']");
    decide(acting.page(), "rollback", "Reports of odd answers from the field.");
    waitFor(watching.page(), ".toast:has-text('was rolled back')");
    waitFor(watching.page(), "[data-channel='nano-backdoored/production'] :text('serves nothing')");
    Chromium.shoot(watching.page(), "rollback-arrived", false);
  }

  private static void decide(Page page, String action, String reason) {
    page.locator("[data-action=" + action + "]").first().click();
    page.locator("dialog textarea[name=reason]").fill(reason);
    page.locator("dialog button[type=submit]").click();
    page.locator("dialog")
        .waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.DETACHED));
  }

  private static void waitFor(Page page, String selector) {
    page.locator(selector).first().waitFor(new Locator.WaitForOptions().setTimeout(STAGE_MILLIS));
  }
}
