package io.lazaret.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.lazaret.access.Role;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.ModelUnassessed;
import java.time.Instant;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A page that is open while the platform goes away and comes back. */
@Order(5)
class RestartTest {

  @BeforeAll
  static void browserIsThere() {
    Chromium.assumeInstalled();
  }

  @Test
  void anOpenPageSurvivesTheRestartOfTheServer() {
    PlatformUnderTest platform = PlatformUnderTest.shared();
    FilledRecords filled = new FilledRecords("text", Instant.now());
    try (Visitor visitor = platform.visitor("olivia", Role.VIEWER, Chromium.Look.LIGHT)) {
      Page page = visitor.open("/").page();
      page.locator(".connection[data-state=live]").waitFor();
      page.evaluate("() => { window.sameDocument = true; }");
      platform.stop();
      page.locator(".connection[data-state=lost]").waitFor();
      Chromium.shoot(page, "connection-lost", false);
      platform.start();
      page.locator(".connection[data-state=live]").waitFor();
      try (RecordWriter writer = platform.writer()) {
        writer.write(filled.of(ModelIngested.class, "after-restart", "after-restart", 0));
        writer.write(filled.of(ModelUnassessed.class, "after-restart", "after-restart", 1));
      }
      visitor.see("tr[data-screening=after-restart]");
      assertThat(page.evaluate("() => window.sameDocument")).isEqualTo(true);
    }
  }
}
