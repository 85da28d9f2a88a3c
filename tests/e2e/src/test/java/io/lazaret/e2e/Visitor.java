package io.lazaret.e2e;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.WaitForSelectorState;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * One person with the console open. Errors of scripts, refusals by the content security policy and
 * dialogs that nobody asked for are remembered.
 */
final class Visitor implements AutoCloseable {

  /** How long a page may take to show what a test waits for; far above what is measured. */
  private static final double PATIENCE_MILLIS = 90_000;

  private final URI console;
  private String invitation;
  private final BrowserContext context;
  private final Page page;
  private final List<String> complaints = new CopyOnWriteArrayList<>();

  Visitor(URI console, Chromium.Look look, String invitation) {
    this.console = console;
    this.invitation = invitation;
    this.context = Chromium.person(look);
    context.setDefaultTimeout(PATIENCE_MILLIS);
    this.page = context.newPage();
    page.onPageError(error -> complaints.add("error: " + error));
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error") && !message.text().startsWith("Failed to load")) {
            complaints.add("console: " + message.text());
          }
        });
    page.onDialog(
        dialog -> {
          complaints.add("dialog: " + dialog.message());
          dialog.dismiss();
        });
  }

  Page page() {
    return page;
  }

  /** Opens the link that the platform prints, which opens a session. */
  void signIn(String link) {
    page.navigate(link);
    page.locator("main h1").first().waitFor();
  }

  /** Opens a page of the console, e.g. {@code /models}, and waits until it is there. */
  Visitor open(String route) {
    page.navigate(console + "/#" + (invitation == null ? route : invited(route)));
    page.locator("main h1").first().waitFor();
    return this;
  }

  /** The link that the platform prints; it is good once, the session that it opens stays. */
  private String invited(String route) {
    String token = invitation;
    invitation = null;
    return "token=" + token + "&to=" + URLEncoder.encode(route, StandardCharsets.UTF_8);
  }

  /** Follows a link of the page that is open, as a click does, until the other page is there. */
  Visitor go(String route) {
    page.evaluate(
        "route => { const main = document.getElementById('main');"
            + " if (location.hash !== '#' + route) { main.firstElementChild?.setAttribute('data-left', ''); }"
            + " location.hash = '#' + route; }",
        route);
    page.locator("main > [data-left]")
        .waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.DETACHED));
    page.locator("main h1").first().waitFor();
    return this;
  }

  Locator see(String selector) {
    Locator found = page.locator(selector).first();
    found.waitFor();
    return found;
  }

  /** Waits until a page shows a text somewhere. */
  void seeText(String text) {
    page.getByText(text).first().waitFor();
  }

  List<String> complaints() {
    return List.copyOf(complaints);
  }

  @Override
  public void close() {
    context.close();
  }
}
