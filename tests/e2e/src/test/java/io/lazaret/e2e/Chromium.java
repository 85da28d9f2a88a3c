package io.lazaret.e2e;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** One browser for all tests of this module: the machine's own Chromium, nothing downloaded. */
final class Chromium {

  /** System property that names another executable. */
  private static final String EXECUTABLE = "lazaret.chromium";

  private static final Path SHOTS = Path.of("target", "screenshots");

  private static Browser browser;

  private Chromium() {}

  /** The executable, where there is one. */
  static Optional<Path> executable() {
    return Stream.of(
            System.getProperty(EXECUTABLE, ""),
            "/usr/bin/chromium",
            "/usr/bin/chromium-browser",
            "/usr/bin/google-chrome")
        .filter(name -> !name.isEmpty())
        .map(Path::of)
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Skips the tests of a class on a machine without a browser. */
  static void assumeInstalled() {
    Assumptions.assumeTrue(
        executable().isPresent(), "no Chromium here: apt-get install chromium, or -D" + EXECUTABLE);
  }

  private static synchronized Browser browser() {
    if (browser == null) {
      Playwright playwright =
          Playwright.create(
              new Playwright.CreateOptions()
                  .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
      browser =
          playwright
              .chromium()
              .launch(
                  new BrowserType.LaunchOptions()
                      .setExecutablePath(executable().orElseThrow())
                      .setArgs(
                          List.of(
                              "--no-sandbox",
                              "--disable-gpu",
                              "--disable-quic",
                              "--no-first-run",
                              "--disable-background-networking",
                              "--disable-component-update",
                              "--disable-sync")));
      Runtime.getRuntime().addShutdownHook(new Thread(playwright::close, "close-browser"));
    }
    return browser;
  }

  /** What a browser of one person is like. */
  record Look(int width, int height, ColorScheme colours) {

    static final Look LIGHT = new Look(1360, 900, ColorScheme.LIGHT);
    static final Look DARK = new Look(1360, 900, ColorScheme.DARK);
    static final Look PHONE = new Look(390, 844, ColorScheme.LIGHT);
  }

  /** A browser of one person, with nothing in it. */
  static BrowserContext person(Look look) {
    return browser()
        .newContext(
            new Browser.NewContextOptions()
                .setViewportSize(look.width(), look.height())
                .setColorScheme(look.colours()));
  }

  /** Keeps what a page looks like under {@code target/screenshots}. */
  static void shoot(Page page, String name, boolean whole) {
    page.screenshot(
        new Page.ScreenshotOptions()
            .setPath(SHOTS.resolve(name + ".png"))
            .setFullPage(whole)
            .setAnimations(com.microsoft.playwright.options.ScreenshotAnimations.DISABLED));
  }

  /** Violations of WCAG 2.2 level A and AA, one line each, as axe-core finds them in a page. */
  static List<String> violations(Page page) {
    page.evaluate(AxeBuilder.getAxeScript());
    Object found =
        page.evaluate(
            """
            async () => {
              const standard = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
              const result = await axe.run(document, {
                runOnly: { type: "tag", values: standard },
                resultTypes: ["violations"],
              });
              return result.violations.flatMap((rule) =>
                rule.nodes.map((node) => `${rule.id}: ${node.target} ${node.html}`));
            }
            """);
    return ((List<?>) found).stream().map(String::valueOf).toList();
  }
}
