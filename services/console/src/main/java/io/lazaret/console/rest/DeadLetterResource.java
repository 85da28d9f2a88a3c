package io.lazaret.console.rest;

import io.lazaret.eventing.DeadLetterBox;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.problem.ProblemException;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Records that nobody could read: why, and back to where they came from. */
@Path("/api/dead-letters")
@Produces(MediaType.APPLICATION_JSON)
public class DeadLetterResource {

  private static final int STANDARD = 100;

  /**
   * @param topic that the letters were on, e.g. {@code lazaret.inbox}
   * @param offset of one letter; null: all that were not replayed yet
   */
  public record Replay(String topic, Long offset) {}

  @Inject KafkaSettings kafka;

  /** Newest first within each topic. */
  @GET
  public Map<String, Object> letters(
      @QueryParam("topic") String topic, @QueryParam("limit") String limit) {
    DeadLetterBox box = new DeadLetterBox(kafka);
    List<String> topics = topic == null ? DeadLetterBox.topics() : List.of(topic);
    int each = Paging.limit(limit, STANDARD);
    Map<String, Object> page = new LinkedHashMap<>();
    page.put("items", box.list(topics, each));
    page.put("next", null);
    return page;
  }

  /** Puts letters back; answers how many. */
  @POST
  @Path("replay")
  @Consumes(MediaType.APPLICATION_JSON)
  public Map<String, Integer> replay(Replay replay) {
    if (replay == null || replay.topic() == null) {
      throw ProblemException.of(
          "DLQ_TOPIC_UNKNOWN",
          "The request names no topic.",
          "Give one of " + String.join(", ", DeadLetterBox.topics()) + ".");
    }
    DeadLetterBox box = new DeadLetterBox(kafka);
    if (replay.offset() == null) {
      return Map.of("replayed", box.replayAll(replay.topic()));
    }
    box.replay(replay.topic(), replay.offset());
    return Map.of("replayed", 1);
  }
}
