package io.lazaret.notification;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One message per model by Slack's Web API: its text is the latest notice, every later notice is
 * also an answer in its thread. Slack's incoming webhooks can do neither.
 */
final class SlackThread implements Delivery {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Errors of the Web API that pass. */
  private static final Set<String> PASSING =
      Set.of(
          "ratelimited",
          "internal_error",
          "fatal_error",
          "service_unavailable",
          "request_timeout",
          "team_added_to_org");

  /** The message of a model is gone: a new one begins its thread. */
  private static final Set<String> GONE = Set.of("message_not_found", "cant_update_message");

  private final Receiver receiver;
  private final Sender sender;
  private final Messages messages;
  private final ReceiverState state;

  SlackThread(Receiver receiver, Sender sender, Messages messages, ReceiverState state) {
    this.receiver = receiver;
    this.sender = sender;
    this.messages = messages;
    this.state = state;
  }

  @Override
  public Sender.Result deliver(Notice notice) {
    Optional<String> thread = state.thread(notice.model());
    if (thread.isEmpty()) {
      return begin(notice);
    }
    Answer updated = call("chat.update", messages.slack(notice).put("ts", thread.get()));
    if (GONE.contains(updated.error())) {
      return begin(notice);
    }
    return updated.result().fate() == Sender.Result.Fate.ARRIVED
        ? call("chat.postMessage", messages.slack(notice).put("thread_ts", thread.get())).result()
        : updated.result();
  }

  private Sender.Result begin(Notice notice) {
    Answer posted = call("chat.postMessage", messages.slack(notice));
    if (posted.result().fate() == Sender.Result.Fate.ARRIVED) {
      state.begin(notice.model(), posted.ts());
    }
    return posted.result();
  }

  private record Answer(Sender.Result result, String error, String ts) {}

  private Answer call(String method, ObjectNode message) {
    message.put("channel", receiver.channel());
    Sender.Result result =
        sender.post(
            receiver.url().toString().replaceAll("/+$", "") + "/" + method,
            message.toString(),
            Map.of("Authorization", "Bearer " + receiver.secret()));
    if (result.fate() != Sender.Result.Fate.ARRIVED) {
      return new Answer(result, "", "");
    }
    JsonNode answer = parsed(result.body());
    if (answer.path("ok").asBoolean()) {
      return new Answer(result, "", answer.path("ts").asText());
    }
    String error = answer.path("error").asText("no error was named");
    Sender.Result.Fate fate =
        PASSING.contains(error) ? Sender.Result.Fate.PASSING : Sender.Result.Fate.REFUSED;
    return new Answer(new Sender.Result(fate, method + ": " + error, ""), error, "");
  }

  private static JsonNode parsed(String body) {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException notSlack) {
      return JSON.createObjectNode().put("error", "the answer is not JSON");
    }
  }
}
