package io.lazaret.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.lazaret.access.Role;
import io.lazaret.eventing.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Records that nobody could read are put back on the page, with a reason. */
@Order(3)
class DeadLettersTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @BeforeAll
  static void browserIsThere() {
    Chromium.assumeInstalled();
  }

  @Test
  void deadLettersAreReplayed() {
    PlatformUnderTest platform = PlatformUnderTest.shared();
    try (RecordWriter writer = platform.writer()) {
      writer.writeRaw(Topics.INBOX, "nano", "no Avro".getBytes(StandardCharsets.UTF_8));
    }
    await()
        .atMost(PATIENCE)
        .until(() -> !platform.client().all("api/dead-letters", Map.of()).isEmpty());
    try (Visitor operator = platform.visitor("ada", Role.OPERATOR, Chromium.Look.LIGHT)) {
      Page page = operator.open("/dead-letters").page();
      Locator topic = operator.see("[data-topic='" + Topics.INBOX + "']");
      topic.locator("summary").first().click();
      topic.locator(".inside pre").first().waitFor();
      topic.locator("header button").click();
      page.locator("dialog textarea[name=reason]").fill("The reader was mended.");
      page.locator("dialog button[type=submit]").click();
      operator.see(".toast:has-text('Put back.')");
      operator.see("[data-topic='" + Topics.INBOX + "'] summary:has-text('replayed')");
      assertThat(operator.complaints()).isEmpty();
    }
  }
}
