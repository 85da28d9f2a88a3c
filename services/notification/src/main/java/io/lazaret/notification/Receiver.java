package io.lazaret.notification;

import io.lazaret.problem.ProblemException;
import java.net.URI;
import java.util.Set;

/**
 * Somebody who is told.
 *
 * @param name of the settings {@code lazaret.notify.NAME.*}; also of its consumer group
 * @param url where to; for {@link Format#SLACK_BOT} the address of the Web API
 * @param format what is sent
 * @param secret signs webhooks; the bot token of {@link Format#SLACK_BOT}; empty: unsigned
 * @param channel id of the Slack channel of a bot
 * @param kinds what it is told of
 * @param allowPrivate whether its address may be one of a private network or of this machine
 */
record Receiver(
    String name,
    URI url,
    Format format,
    String secret,
    String channel,
    Set<Notice.Kind> kinds,
    boolean allowPrivate) {

  /** What is sent. */
  enum Format {
    /** The notice as JSON, signed. */
    WEBHOOK,
    /** A Slack message by an incoming webhook, which can neither be changed nor answered. */
    SLACK,
    /** One Slack message per model that is kept up to date, with a thread below it. */
    SLACK_BOT
  }

  Receiver {
    boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
    if (!http || url.getHost() == null || url.getUserInfo() != null) {
      throw ProblemException.of(
          "RECEIVER_ADDRESS_INVALID",
          "lazaret.notify." + name + ".url is not an address that can be notified.",
          "Give one like https://hooks.example.org/lazaret, without a user.");
    }
    if (format == Format.SLACK_BOT && (secret.isEmpty() || channel.isEmpty())) {
      throw ProblemException.of(
          "RECEIVER_INCOMPLETE",
          "lazaret.notify." + name + " is a Slack bot without token or channel.",
          "Give lazaret.notify." + name + ".secret (the bot token) and .channel (its id).");
    }
    kinds = Set.copyOf(kinds);
  }

  /** Never the secret, and of the address only the host: a webhook's path is a secret too. */
  @Override
  public String toString() {
    return name + " (" + format + " at " + url.getHost() + ")";
  }
}
