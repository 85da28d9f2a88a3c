package io.lazaret.e2e;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.lazaret.access.Role;
import java.util.List;

/**
 * The screening of the shipped model, with the page of a person who watches all of it: one for all
 * tests of this module, which do their work while it trains.
 */
final class DemoScreening {

  private static DemoScreening shared;

  private final Visitor operator;
  private final String id;

  private DemoScreening(PlatformUnderTest platform) {
    operator = platform.visitor("olivia", Role.OPERATOR, Chromium.Look.LIGHT);
    operator.open("/");
    operator.see(".lane");
    id = platform.screenShippedModel();
  }

  static synchronized DemoScreening shared() {
    if (shared == null) {
      shared = new DemoScreening(PlatformUnderTest.shared());
    }
    return shared;
  }

  String id() {
    return id;
  }

  /** The person whose page stays open. */
  Visitor operator() {
    return operator;
  }

  /**
   * Lets the screening's page note by itself which states and how many lengths of curve it shows.
   */
  void watch() {
    operator
        .page()
        .evaluate(
            """
            () => {
              window.states = [];
              window.lengths = new Set();
              const look = () => {
                const state = document.querySelector(".verdict")?.dataset.state;
                if (state && state !== window.states.at(-1)) {
                  window.states.push(state);
                }
                const curve = document.querySelector("[data-curve=ELIMINATION] svg.chart path.curve");
                if (curve) {
                  window.lengths.add(curve.getAttribute("d").length);
                }
              };
              look();
              new MutationObserver(look)
                .observe(document.body, { subtree: true, childList: true, attributes: true });
            }
            """);
  }

  /** The states that the page showed since {@link #watch}, in their order. */
  List<?> statesSeen() {
    return (List<?>) operator.page().evaluate("() => window.states");
  }

  /** How often the elimination's curve was seen to grow. */
  int curveGrowth() {
    return (int) operator.page().evaluate("() => window.lengths.size");
  }

  /** Presses a button of an action and gives the reason. */
  static void decide(Page page, String action, String reason) {
    decide(page, page.locator("main"), action, reason);
  }

  /** The same where several parts of a page have the action. */
  static void decide(Page page, Locator part, String action, String reason) {
    part.locator("[data-action=" + action + "]").first().click();
    page.locator("dialog textarea[name=reason]").fill(reason);
    page.locator("dialog button[type=submit]").click();
    page.waitForCondition(() -> page.locator("dialog").count() == 0);
  }
}
