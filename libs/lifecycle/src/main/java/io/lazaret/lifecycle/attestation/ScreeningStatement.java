package io.lazaret.lifecycle.attestation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.schemas.ReleaseAdvanced;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What is said of a release: an in-toto statement (version 1) about the manifest of the model and
 * every file in it, with the verdict as its predicate.
 */
public final class ScreeningStatement {

  public static final String STATEMENT = "https://in-toto.io/Statement/v1";
  public static final String PREDICATE = "urn:lazaret:attestation:screening:v1";

  private ScreeningStatement() {}

  /**
   * The bytes to be signed; the same release gives the same bytes.
   *
   * @param released the event that let a channel name the model
   * @param files sha256 of every file of the model by its path
   * @param verdict document of the screening that allows the release
   */
  public static byte[] of(ReleaseAdvanced released, Map<String, String> files, JsonNode verdict) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    ObjectNode statement = json.objectNode().put("_type", STATEMENT);
    ArrayNode subjects = statement.putArray("subject");
    subject(subjects, released.getReleased().getName(), released.getReleased().getDigest());
    files.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(file -> subject(subjects, file.getKey(), file.getValue()));
    statement.put("predicateType", PREDICATE);
    ObjectNode predicate = statement.putObject("predicate");
    predicate.put("model", released.getReleased().getName());
    predicate.put("digest", released.getReleased().getDigest());
    predicate.put("channel", released.getChannel());
    predicate.put("revision", released.getRevision());
    predicate.put("releasedAt", released.getEnvelope().getOccurredAt().toString());
    predicate.put("releaseEvent", released.getEnvelope().getEventId());
    predicate.put("history", released.getEnvelope().getScreeningId());
    predicate.put("predecessor", released.getEnvelope().getPredecessor());
    ArrayNode approvals = predicate.putArray("approvals");
    released
        .getApprovals()
        .forEach(
            given ->
                approvals
                    .addObject()
                    .put("actor", given.getActor())
                    .put("reason", given.getReason())
                    .put("givenAt", given.getGivenAt().toString()));
    predicate.set("verdict", verdict);
    return statement.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void subject(ArrayNode subjects, String name, String digest) {
    ObjectNode subject = subjects.addObject().put("name", name);
    subject.putObject("digest").put("sha256", digest.replaceFirst("^sha256:", ""));
  }
}
