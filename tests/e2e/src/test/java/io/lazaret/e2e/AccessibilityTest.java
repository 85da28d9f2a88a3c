package io.lazaret.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.WaitForSelectorState;
import io.lazaret.access.Role;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** WCAG 2.2 AA as far as axe can tell, keyboard alone, and a telephone. */
@Order(5)
class AccessibilityTest {

  /** Both colours and both layouts. */
  enum Colours {
    DARK(Chromium.Look.DARK),
    PHONE(Chromium.Look.PHONE);

    private final Chromium.Look look;

    Colours(Chromium.Look look) {
      this.look = look;
    }
  }

  private static final int NARROWEST = 320;
  private static final int HEIGHT = 844;

  @BeforeAll
  static void hostileRecords() {
    Chromium.assumeInstalled();
    HostileTextTest.writeOnce();
  }

  @ParameterizedTest
  @EnumSource
  void noPageHasViolations(Colours colours) {
    List<String> violations = new ArrayList<>();
    try (Visitor visitor = PlatformUnderTest.shared().visitor("ada", Role.ADMIN, colours.look)) {
      Page page = visitor.open("/").page();
      List<String> routes = new ArrayList<>(List.of("/audit", "/sign-in"));
      routes.addAll(0, HostileTextTest.ALL_PAGES);
      page.locator("tr[data-screening]:has-text('nano-backdoored') a").all().stream()
          .limit(1)
          .map(link -> link.getAttribute("href").substring(1))
          .forEach(routes::add);
      for (String route : routes) {
        visitor.go(route);
        page.waitForLoadState();
        page.evaluate(
            "() => document.querySelectorAll('details').forEach(each => { each.open = true; })");
        Chromium.violations(page).forEach(each -> violations.add(route + " " + each));
        if (colours == Colours.PHONE) {
          page.setViewportSize(NARROWEST, HEIGHT);
        }
        if (page.evaluate("() => document.documentElement.scrollWidth > innerWidth").equals(true)) {
          violations.add(route + " is wider than the screen");
        }
      }
    }
    assertThat(violations).isEmpty();
  }

  @Test
  void theKeyboardReachesEverything() {
    try (Visitor visitor =
        PlatformUnderTest.shared().visitor("ada", Role.ADMIN, Chromium.Look.LIGHT)) {
      Page page = visitor.open("/").page();
      page.keyboard().press("Tab");
      assertThat(focused(page)).isEqualTo("Skip to the page");
      page.keyboard().press("Tab");
      page.keyboard().press("Tab");
      page.keyboard().press("Tab");
      assertThat(focused(page)).isEqualTo("Models");
      page.keyboard().press("Enter");
      page.locator("h1:text-is('Models')").waitFor();
      visitor.go("/triggers");
      page.locator("main button").first().focus();
      page.keyboard().press("Enter");
      page.locator("dialog[open]").waitFor();
      page.keyboard().press("Escape");
      page.locator("dialog")
          .waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.DETACHED));
    }
  }

  @Test
  void aTelephoneShowsAVerdict() {
    try (Visitor visitor =
        PlatformUnderTest.shared().visitor("ada", Role.ADMIN, Chromium.Look.PHONE)) {
      Page page = visitor.open("/").page();
      visitor.see("tr[data-screening]");
      Chromium.shoot(page, "phone-overview", true);
      page.locator("tr[data-screening] a").first().click();
      page.locator(".verdict h1").waitFor();
      Chromium.shoot(page, "phone-screening", false);
    }
  }

  private static String focused(Page page) {
    return (String) page.evaluate("() => document.activeElement.textContent.trim()");
  }
}
