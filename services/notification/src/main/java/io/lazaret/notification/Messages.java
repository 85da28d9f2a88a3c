package io.lazaret.notification;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * Notices in the words of their receivers.
 *
 * @param console address of the console that links lead to; empty: no links
 */
record Messages(String console) {

  /** Slack refuses sections of more than 3 000 characters. */
  private static final int LONGEST_TEXT = 2_800;

  private static final int LONGEST_NAME = 200;

  private static final Map<Notice.Kind, String> SIGNS =
      Map.of(
          Notice.Kind.HELD, ":raised_hand:",
          Notice.Kind.REJECTED, ":no_entry:",
          Notice.Kind.UNASSESSED, ":grey_question:",
          Notice.Kind.ROLLED_BACK, ":rewind:");

  /** A webhook's body; {@code thread} is the same for everything that concerns one model. */
  String webhook(Notice notice) {
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("id", notice.eventId())
            .put("type", "lazaret." + notice.kind().name().toLowerCase(java.util.Locale.ROOT))
            .put("thread", notice.model())
            .put("at", notice.at().toString())
            .put("model", notice.model())
            .put("digest", notice.digest())
            .put("screeningId", notice.screeningId())
            .put("channel", notice.channel().isEmpty() ? null : notice.channel())
            .put("summary", notice.model() + " " + notice.kind().words() + ".");
    ArrayNode reasons = node.putArray("reasons");
    notice.reasons().forEach(reasons::add);
    link(notice).ifPresent(link -> node.put("href", link));
    return node.toString();
  }

  /** A message of Slack: text for the notification, blocks for the eye. */
  ObjectNode slack(Notice notice) {
    String headline =
        "%s *%s* %s"
            .formatted(
                SIGNS.get(notice.kind()),
                escaped(notice.model(), LONGEST_NAME),
                notice.kind().words());
    String reasons = "";
    for (String reason : notice.reasons()) {
      reasons += "\n• " + reason;
    }
    ObjectNode message =
        JsonNodeFactory.instance
            .objectNode()
            .put("text", escaped(notice.model(), LONGEST_NAME) + " " + notice.kind().words());
    ArrayNode blocks = message.putArray("blocks");
    section(blocks, headline + escaped(reasons, LONGEST_TEXT));
    String where =
        (notice.channel().isEmpty() ? "" : "channel " + escaped(notice.channel(), LONGEST_NAME))
            + link(notice).map(link -> "  <" + link + "|open in the console>").orElse("");
    ArrayNode elements = blocks.addObject().put("type", "context").putArray("elements");
    elements
        .addObject()
        .put("type", "mrkdwn")
        .put("text", ("screening `" + escaped(notice.screeningId(), 64) + "`  " + where).strip());
    return message;
  }

  private static void section(ArrayNode blocks, String text) {
    blocks
        .addObject()
        .put("type", "section")
        .putObject("text")
        .put("type", "mrkdwn")
        .put("text", text);
  }

  private Optional<String> link(Notice notice) {
    return console.isEmpty()
        ? Optional.empty()
        : Optional.of(
            console.replaceAll("/+$", "")
                + "/#/screenings/"
                + URLEncoder.encode(notice.screeningId(), StandardCharsets.UTF_8));
  }

  /**
   * A stranger's text as Slack shows it literally: no mentions, links, or formatting, no control
   * characters.
   */
  static String escaped(String text, int longest) {
    StringBuilder safe = new StringBuilder();
    text.codePoints()
        .filter(point -> point == '\n' || !isUnsafe(point))
        .limit(longest)
        .forEach(
            point -> {
              switch (point) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                // Slack has no escape for its formatting: look-alikes that it does not interpret.
                case '*' -> safe.append('∗');
                case '_' -> safe.append('＿');
                case '~' -> safe.append('∼');
                case '`' -> safe.append('ˋ');
                default -> safe.appendCodePoint(point);
              }
            });
    return safe.toString();
  }

  private static boolean isUnsafe(int point) {
    int type = Character.getType(point);
    return type == Character.CONTROL || type == Character.FORMAT || type == Character.SURROGATE;
  }
}
