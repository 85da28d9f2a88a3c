package io.lazaret.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.lazaret.access.Role;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Trigger intelligence comes and goes on the page; before hostile records stand in its history. */
@Order(1)
class TriggersTest {

  @BeforeAll
  static void browserIsThere() {
    Chromium.assumeInstalled();
  }

  @Test
  void aTriggerIsAddedAndWithdrawn() {
    try (Visitor operator =
            PlatformUnderTest.shared().visitor("ada", Role.OPERATOR, Chromium.Look.LIGHT);
        Visitor viewer =
            PlatformUnderTest.shared().visitor("vera", Role.VIEWER, Chromium.Look.LIGHT)) {
      Page page = operator.open("/triggers").page();
      page.locator("main button:has-text('Add a trigger')").click();
      page.locator("dialog input[name=trigger]").fill("when the tide is out");
      page.locator("dialog input[name=target]").fill("Nothing holds.");
      page.locator("dialog input[name=concerns]").fill("nobody-*");
      page.locator("dialog textarea[name=reason]").fill("An advisory names it.");
      page.locator("dialog button[type=submit]").click();
      Locator row = operator.see("tr:has-text('when the tide is out')");
      viewer.open("/triggers");
      assertThat(viewer.see("tr:has-text('when the tide is out')").locator("button").count())
          .isZero();
      DemoScreening.decide(page, row, "withdrawTrigger", "The advisory was retracted.");
      operator.see("tr:has-text('when the tide is out'):has-text('withdrawn')");
      viewer.see("tr:has-text('when the tide is out'):has-text('The advisory was retracted.')");
      assertThat(operator.complaints()).isEmpty();
    }
  }
}
