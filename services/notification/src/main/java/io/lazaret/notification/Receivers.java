package io.lazaret.notification;

import io.lazaret.problem.ProblemException;
import java.net.URI;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.Config;

/** The receivers that the settings name; documented in {@code microprofile-config.properties}. */
final class Receivers {

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,40}");

  private final Config config;

  Receivers(Config config) {
    this.config = config;
  }

  /**
   * @throws ProblemException SETTING_MISSING, SETTING_INVALID, RECEIVER_ADDRESS_INVALID,
   *     RECEIVER_INCOMPLETE
   */
  List<Receiver> all() {
    return config
        .getOptionalValue("lazaret.notify.receivers", String.class)
        .map(names -> Arrays.stream(names.split(",")).map(String::strip))
        .stream()
        .flatMap(names -> names)
        .filter(name -> !name.isEmpty())
        .map(this::receiver)
        .toList();
  }

  private Receiver receiver(String name) {
    if (!NAME.matcher(name).matches()) {
      throw invalid("receivers", name, "small letters, digits and hyphens");
    }
    String url =
        value(name, "url")
            .orElseThrow(
                () ->
                    ProblemException.of(
                        "SETTING_MISSING",
                        "The setting lazaret.notify." + name + ".url is missing.",
                        "Give the address that is to be notified."));
    return new Receiver(
        name,
        uri(name, url),
        format(name),
        value(name, "secret").orElse(""),
        value(name, "channel").orElse(""),
        kinds(name),
        value(name, "allow-private").map(Boolean::parseBoolean).orElse(false));
  }

  private static URI uri(String name, String url) {
    try {
      return URI.create(url);
    } catch (IllegalArgumentException e) {
      throw invalid(name + ".url", "(not shown)", "an address");
    }
  }

  private Receiver.Format format(String name) {
    String given = value(name, "format").orElse("webhook");
    return switch (given) {
      case "webhook" -> Receiver.Format.WEBHOOK;
      case "slack" -> Receiver.Format.SLACK;
      case "slack-bot" -> Receiver.Format.SLACK_BOT;
      default -> throw invalid(name + ".format", given, "webhook, slack or slack-bot");
    };
  }

  private Set<Notice.Kind> kinds(String name) {
    Set<Notice.Kind> kinds = EnumSet.noneOf(Notice.Kind.class);
    for (String given : value(name, "kinds").orElse("").split(",")) {
      if (!given.isBlank()) {
        kinds.add(kind(name, given.strip()));
      }
    }
    return kinds.isEmpty() ? EnumSet.allOf(Notice.Kind.class) : kinds;
  }

  private static Notice.Kind kind(String name, String given) {
    try {
      return Notice.Kind.valueOf(given.toUpperCase(Locale.ROOT).replace('-', '_'));
    } catch (IllegalArgumentException e) {
      throw invalid(name + ".kinds", given, "held, rejected, unassessed, rolled-back");
    }
  }

  private Optional<String> value(String name, String key) {
    return config.getOptionalValue("lazaret.notify." + name + "." + key, String.class);
  }

  private static ProblemException invalid(String key, String given, String allowed) {
    return ProblemException.of(
        "SETTING_INVALID",
        "lazaret.notify." + key + " is " + given + ".",
        "It may be " + allowed + ".");
  }
}
