package io.lazaret.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.lazaret.access.Role;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Thousands of models and of events; how fast, PageBenchmark measures. */
@Order(3)
class ManyRecordsTest {

  @BeforeAll
  static void manyRecords() {
    Chromium.assumeInstalled();
    Fleet.write(PlatformUnderTest.shared());
  }

  @Test
  void tenThousandModelsAreSearchedAndScrolled() {
    try (Visitor visitor =
        PlatformUnderTest.shared().visitor("olivia", Role.VIEWER, Chromium.Look.LIGHT)) {
      Page page = visitor.open("/models").page();
      page.locator("main [role=status]:text-matches('10,00')").first().waitFor();
      page.locator("select[name=sort]").selectOption("name");
      page.locator(".vrow:has-text('fleet/model-00000')").waitFor();
      assertThat(page.locator(".vrow").count()).as("rows that are elements").isLessThan(60);
      page.evaluate(
          "() => { const list = document.querySelector('.vlist'); list.scrollTop = list.scrollHeight; }");
      page.locator(".vrow:has-text('fleet/model-001')").first().waitFor();
      page.locator("input[name=q]").fill("model-09876");
      page.locator(".vrow:has-text('fleet/model-09876')").waitFor();
      page.locator("main [role=status]:text-is('1 model')").first().waitFor();
      Chromium.shoot(page, "models", false);
      page.locator(".vrow a").first().click();
      page.locator("h1:text-is('fleet/model-09876')").waitFor();
      assertThat(visitor.complaints()).isEmpty();
    }
  }

  @Test
  void aLongHistoryIsReadPieceByPiece() {
    try (Visitor visitor =
        PlatformUnderTest.shared().visitor("olivia", Role.VIEWER, Chromium.Look.LIGHT)) {
      visitor.open("/screenings/" + Fleet.LONG);
      visitor.see(".entry >> nth=199");
      visitor.seeText("5,000 events");
      visitor.page().evaluate("() => window.scrollTo(0, document.body.scrollHeight)");
      visitor.see(".entry >> nth=399");
      assertThat(visitor.complaints()).isEmpty();
    }
  }
}
