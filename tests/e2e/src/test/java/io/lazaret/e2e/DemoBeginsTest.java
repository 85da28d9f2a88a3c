package io.lazaret.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The demo's screening from its beginning to a person's hold. */
@Order(1)
class DemoBeginsTest {

  @BeforeAll
  static void browserIsThere() {
    Chromium.assumeInstalled();
  }

  @Test
  void aScreeningIsSeenAtWorkAndHeld() {
    DemoScreening demo = DemoScreening.shared();
    Visitor operator = demo.operator();
    Locator worker = operator.see(".lane .worker .name");
    assertThat(worker.textContent()).isEqualTo("nano-backdoored");
    operator.see(".lane[data-stage=DETECTION] .worker .message:has-text('%')");
    Chromium.shoot(operator.page(), "overview-running", false);
    worker.click();
    operator.see(".verdict[data-state=DETECTION]");
    demo.watch();
    DemoScreening.decide(operator.page(), "hold", "I want to read the evidence first.");
    operator.see(".entry[data-type=ReleaseHeld]");
  }
}
