package io.lazaret.notification;

import java.time.Clock;
import java.util.Map;

/** How a notice reaches one receiver. */
interface Delivery {

  /** One try; never throws. */
  Sender.Result deliver(Notice notice);

  /** The way that a receiver's format asks for. */
  static Delivery to(
      Receiver receiver, Sender sender, Messages messages, ReceiverState state, Clock clock) {
    String url = receiver.url().toString();
    return switch (receiver.format()) {
      case WEBHOOK ->
          notice -> {
            String body = messages.webhook(notice);
            return sender.post(
                url,
                body,
                Signature.headers(receiver.secret(), notice.eventId(), clock.instant(), body));
          };
      case SLACK -> notice -> sender.post(url, messages.slack(notice).toString(), Map.of());
      case SLACK_BOT -> new SlackThread(receiver, sender, messages, state);
    };
  }
}
