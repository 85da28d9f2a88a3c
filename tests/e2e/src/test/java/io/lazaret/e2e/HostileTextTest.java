package io.lazaret.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.lazaret.access.Role;
import io.lazaret.eventing.Topics;
import io.lazaret.schemas.ApprovalGiven;
import io.lazaret.schemas.BackdoorEliminated;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.Decision;
import io.lazaret.schemas.DetectionCompleted;
import io.lazaret.schemas.EvaluationCompleted;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.ModelHeld;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.PolicyAdopted;
import io.lazaret.schemas.ReleaseAdvanced;
import io.lazaret.schemas.ReleaseRolledBack;
import io.lazaret.schemas.RequestRefused;
import io.lazaret.schemas.StageFailed;
import io.lazaret.schemas.StageProgress;
import io.lazaret.schemas.TriggerIntelligence;
import io.lazaret.schemas.TriggerSimulated;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Every text of every record is an attack on the page that shows it. */
@Order(2)
class HostileTextTest {

  private static final String ATTACK =
      "\"'><img src=x onerror=\"window.pwned=1\"><script>window.pwned=1</script>"
          + "<svg/onload=window.pwned=1>javascript:window.pwned=1//\u202Egnp.exe\u0000{{7*7}}${7*7}"
          + "long".repeat(30);

  private static final String MODEL = "a/" + ATTACK;
  private static final String DECIDED = "hostile-decided";
  private static final String WORKING = "hostile-working";

  static final List<String> ALL_PAGES =
      List.of(
          "/",
          "/models",
          "/models/" + URLEncoder.encode(MODEL, StandardCharsets.UTF_8).replace("+", "%20"),
          "/screenings/" + DECIDED,
          "/screenings/" + WORKING,
          "/releases",
          "/triggers",
          "/dead-letters");

  private static boolean written;

  @BeforeAll
  static void hostileRecords() {
    Chromium.assumeInstalled();
    writeOnce();
  }

  /** Every kind of record, every text of it an attack, on the platform of all tests. */
  static synchronized void writeOnce() {
    if (!written) {
      written = true;
      try (RecordWriter writer = PlatformUnderTest.shared().writer()) {
        write(writer);
      }
    }
  }

  private static void write(RecordWriter writer) {
    FilledRecords filled = new FilledRecords(ATTACK, Instant.now());
    long sequence = 0;
    for (Class<? extends SpecificRecord> type :
        List.of(
            ModelIngested.class,
            DetectionCompleted.class,
            TriggerSimulated.class,
            StageFailed.class,
            BackdoorEliminated.class,
            EvaluationCompleted.class)) {
      writer.write(filled.of(type, DECIDED, MODEL, sequence++));
    }
    ModelHeld held = filled.of(ModelHeld.class, DECIDED, MODEL, sequence++);
    held.getVerdict().setDecision(Decision.HELD);
    writer.write(held);
    writer.write(filled.of(ApprovalGiven.class, DECIDED, MODEL, sequence++));
    writer.write(filled.of(ReleaseAdvanced.class, DECIDED, MODEL, sequence++));
    writer.write(filled.of(ReleaseRolledBack.class, DECIDED, MODEL, sequence));
    writer.write(filled.of(RequestRefused.class, Ids.releases(MODEL), MODEL, 0));
    writer.write(filled.of(PolicyAdopted.class, Ids.releases(MODEL), MODEL, 1));
    writer.write(filled.of(ChannelState.class, DECIDED, MODEL, 0));
    int next = 0;
    for (JsonNode known : PlatformUnderTest.shared().client().all("api/triggers", Map.of())) {
      next = Math.max(next, known.path("envelope").path("sequence").asInt() + 1);
    }
    writer.write(Topics.EVENTS, filled.of(TriggerIntelligence.class, Ids.releases("*"), "*", next));
    writer.write(filled.of(ModelIngested.class, WORKING, MODEL, 0));
    StageProgress progress = (StageProgress) filled.value(StageProgress.getClassSchema());
    progress.setScreeningId(WORKING);
    progress.setModelName(MODEL);
    writer.write(progress);
    writer.writeRaw(Topics.EVENTS, MODEL, ATTACK.getBytes(StandardCharsets.UTF_8));
    writer.writeRaw(Topics.INBOX, MODEL, ATTACK.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void attacksInEveryFieldAreShownAsText() {
    try (Visitor visitor =
        PlatformUnderTest.shared().visitor("olivia", Role.VIEWER, Chromium.Look.LIGHT)) {
      Page page = visitor.open("/").page();
      visitor.see("tr[data-screening=" + DECIDED + "]");
      for (String route : ALL_PAGES) {
        visitor.go(route);
        visitor.see("main .entry, main :text('onerror=')");
        expandEverything(page);
        // Of a dead letter only what is inside names the model.
        visitor.see("main :text('onerror=')");
        assertThat(page.evaluate("() => window.pwned")).as(route).isNull();
        assertThat(
                page.locator("img, iframe, object, embed, main script, [onerror], [onload]")
                    .count())
            .as("foreign elements on " + route)
            .isZero();
        assertThat(page.locator("a[href^='javascript' i]").count()).as(route).isZero();
      }
      Chromium.shoot(page, "hostile-dead-letters", false);
      assertThat(visitor.complaints()).isEmpty();
    }
  }

  private static void expandEverything(Page page) {
    page.evaluate(
        "() => document.querySelectorAll('details').forEach(each => { each.open = true; })");
    Locator opened = page.locator("main details .inside pre");
    if (page.locator("main details.entry").count() > 0) {
      opened.first().waitFor();
    }
  }
}
