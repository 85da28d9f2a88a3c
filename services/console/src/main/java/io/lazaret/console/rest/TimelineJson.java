package io.lazaret.console.rest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.console.record.Place;
import io.lazaret.console.record.StoredRecord;
import io.lazaret.console.view.Decoded;
import io.lazaret.console.view.Intake;
import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.Topics;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.StageFailed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.apache.avro.specific.SpecificRecord;

/** Records as entries of a timeline. */
public final class TimelineJson {

  /** Bytes shown of a record that nobody can read. */
  private static final int SHOWN_BYTES = 4_096;

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private TimelineJson() {}

  /**
   * One record.
   *
   * @param body whether the record itself is wanted
   */
  static ObjectNode entry(Decoded decoded, boolean body) {
    StoredRecord stored = decoded.stored();
    if (decoded.problem() != null) {
      byte[] value = stored.value();
      byte[] shown = Arrays.copyOf(value, Math.min(value.length, SHOWN_BYTES));
      return at(stored.place())
          .put("at", Instant.ofEpochMilli(stored.timestamp()).toString())
          .put("type", Intake.UNDECODABLE)
          .put("key", stored.key())
          .put("code", decoded.problem().code())
          .put("reason", decoded.problem().sentence())
          .put("bytes", value.length)
          .put("base64", Base64.getEncoder().encodeToString(shown));
    }
    return of(stored.place(), decoded.record(), body);
  }

  private static ObjectNode at(Place place) {
    return JSON.objectNode()
        .put("id", place.id())
        .put("topic", place.topic())
        .put("partition", place.partition())
        .put("offset", place.offset());
  }

  /** A record that could be read, on timelines and streams alike. */
  public static ObjectNode of(Place place, SpecificRecord record, boolean body) {
    Envelope envelope = Envelopes.of(record);
    ObjectNode node =
        at(place)
            .put("at", envelope.getOccurredAt().toString())
            .put("type", envelope.getType())
            .put("model", envelope.getModelName())
            .put("screeningId", envelope.getScreeningId())
            .put("sequence", envelope.getSequence());
    Job job = job(record);
    if (job != null) {
      node.put("stage", job.getStage().name())
          .put("round", job.getRound())
          .put("attempt", job.getAttempt());
    }
    node.put("summary", Sentences.of(record));
    if (body) {
      node.set("record", AvroJson.of(record));
    }
    return node;
  }

  private static Job job(SpecificRecord record) {
    return record.getSchema().getField("job") == null ? null : Envelopes.jobOf(record);
  }

  /**
   * Entries in their order; failed attempts at the same stage and round that stand beside each
   * other become one entry with their count.
   */
  static List<ObjectNode> entries(List<Decoded> records, boolean body, boolean fold) {
    List<ObjectNode> entries = new ArrayList<>();
    for (int i = 0; i < records.size(); ) {
      int end = fold ? endOfRetries(records, i) : i + 1;
      if (failures(records.subList(i, end)) > 1) {
        entries.add(retries(records.subList(i, end)));
      } else {
        records.subList(i, end).forEach(each -> entries.add(entry(each, body)));
      }
      i = end;
    }
    return entries;
  }

  private static long failures(List<Decoded> records) {
    return records.stream().filter(each -> each.record() instanceof StageFailed).count();
  }

  private static int endOfRetries(List<Decoded> records, int from) {
    String first = step(records.get(from));
    int end = from + 1;
    while (first != null && end < records.size() && first.equals(step(records.get(end)))) {
      end++;
    }
    return end;
  }

  /**
   * History, stage and round of a failed attempt, or of the command for another one; null for
   * everything else.
   */
  private static String step(Decoded decoded) {
    if (decoded.record() == null) {
      return null;
    }
    Job job = job(decoded.record());
    boolean failed = decoded.record() instanceof StageFailed;
    boolean again =
        job != null
            && job.getAttempt() > 1
            && !decoded.stored().place().topic().equals(Topics.EVENTS);
    return failed || again
        ? Envelopes.of(decoded.record()).getScreeningId() + job.getStage() + job.getRound()
        : null;
  }

  private static ObjectNode retries(List<Decoded> failures) {
    List<StageFailed> told =
        failures.stream()
            .map(Decoded::record)
            .filter(StageFailed.class::isInstance)
            .map(StageFailed.class::cast)
            .toList();
    StageFailed latest =
        told.stream()
            .max(java.util.Comparator.comparing(each -> each.getEnvelope().getSequence()))
            .orElseThrow();
    ObjectNode node =
        JSON.objectNode()
            .put("type", "RETRIES")
            .put("id", failures.get(0).stored().place().id())
            .put("at", latest.getEnvelope().getOccurredAt().toString())
            .put("model", latest.getEnvelope().getModelName())
            .put("screeningId", latest.getEnvelope().getScreeningId())
            .put("stage", latest.getJob().getStage().name())
            .put("round", latest.getJob().getRound())
            .put("count", told.size())
            .put("summary", told.size() + " failed attempts, last: " + Sentences.of(latest));
    node.set("problem", AvroJson.of(Objects.requireNonNull(latest.getProblem())));
    var items = node.putArray("items");
    failures.forEach(each -> items.add(entry(each, false)));
    return node;
  }
}
