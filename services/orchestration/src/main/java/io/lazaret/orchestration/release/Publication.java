package io.lazaret.orchestration.release;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.checkpoints.Manifest;
import io.lazaret.checkpoints.ModelStore;
import io.lazaret.checkpoints.ReleaseObjects;
import io.lazaret.lifecycle.attestation.Dsse;
import io.lazaret.lifecycle.attestation.KeyText;
import io.lazaret.lifecycle.attestation.ScreeningStatement;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.lifecycle.screening.VerdictDocument;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.ReleaseAdvanced;
import io.lazaret.schemas.ReleaseRolledBack;
import io.lazaret.schemas.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one recorded event makes visible outside. Doing it twice is the same as doing it once. */
final class Publication {

  private static final Logger LOG = LoggerFactory.getLogger(Publication.class);

  /** Earlier revisions of a channel that are looked through for an attestation. */
  private static final long MOST_REVISIONS_BACK = 256;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final ReleaseObjects objects;
  private final ModelStore models;
  private final SigningKey key;

  Publication(ReleaseObjects objects, ModelStore models, SigningKey key) {
    this.objects = objects;
    this.models = models;
    this.key = key;
  }

  /** The public key, for those who check. */
  void announceKey() {
    objects.keep(
        ReleaseObjects.publicKey(key.keyId()),
        KeyText.of(key.open()).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * @throws ProblemException of the object store
   */
  void of(SpecificRecord event) {
    Verdict verdict = Screening.verdictOf(event);
    if (verdict != null) {
      objects.keep(
          ReleaseObjects.verdictKey(verdict.getScreeningId()),
          VerdictDocument.of(verdict).toString().getBytes(StandardCharsets.UTF_8));
    }
    String attestation = "";
    if (event instanceof ReleaseAdvanced advanced) {
      attestation = attest(advanced);
    } else if (event instanceof ReleaseRolledBack back && back.getRestored() != null) {
      attestation = earlier(back);
    }
    ChannelState state = Releases.channelState(event);
    if (state != null) {
      point(state, attestation);
    }
  }

  /** The key of the signed statement; empty where what it has to say is not there. */
  private String attest(ReleaseAdvanced advanced) {
    String promotedBy =
        advanced.getPromotedBy().isEmpty()
            ? advanced.getEnvelope().getScreeningId()
            : advanced.getPromotedBy();
    try {
      JsonNode verdict =
          objects
              .read(ReleaseObjects.verdictKey(promotedBy))
              .map(Publication::json)
              .orElseThrow(
                  () ->
                      ProblemException.of(
                          "VERDICT_MISSING",
                          "The verdict of " + promotedBy + " is not in the store.",
                          "Screen the model again."));
      Map<String, String> files =
          models.manifest(advanced.getReleased().getDigest()).files().stream()
              .collect(Collectors.toMap(Manifest.Entry::path, Manifest.Entry::sha256));
      byte[] statement = ScreeningStatement.of(advanced, files, verdict);
      String name =
          ReleaseObjects.attestationKey(
              advanced.getEnvelope().getModelName(), advanced.getChannel(), advanced.getRevision());
      objects.keep(
          name, Dsse.sign(statement, key.secret(), key.keyId()).getBytes(StandardCharsets.UTF_8));
      return name;
    } catch (ProblemException refused) {
      if (refused.problem().retryable()) {
        throw refused;
      }
      LOG.error("{} is not attested: {}", advanced.getReleased().getDigest(), refused.getMessage());
      return "";
    }
  }

  /** The attestation of the release that the channel went back to; empty where there is none. */
  private String earlier(ReleaseRolledBack back) {
    String model = back.getEnvelope().getModelName();
    String digest = back.getRestored().getDigest();
    long oldest = Math.max(1, back.getRevision() - MOST_REVISIONS_BACK);
    for (long revision = back.getRevision() - 1; revision >= oldest; revision--) {
      String name = ReleaseObjects.attestationKey(model, back.getChannel(), revision);
      boolean same =
          objects
              .read(name)
              .map(bytes -> json(Dsse.verify(bytes, key.open())))
              .map(said -> said.path("predicate").path("digest").asText().equals(digest))
              .orElse(false);
      if (same) {
        return name;
      }
    }
    return "";
  }

  private void point(ChannelState state, String attestation) {
    String model = state.getEnvelope().getModelName();
    ObjectNode pointer = JsonNodeFactory.instance.objectNode();
    pointer.put("model", model);
    pointer.put("channel", state.getChannel());
    pointer.put("revision", state.getRevision());
    pointer.put("digest", state.getReleased() == null ? null : state.getReleased().getDigest());
    pointer.put("since", state.getEnvelope().getOccurredAt().toString());
    pointer.put("reason", state.getReason());
    pointer.put("attestation", attestation.isEmpty() ? null : attestation);
    pointer.put("attestationKey", attestation.isEmpty() ? null : key.keyId());
    boolean written =
        objects.replace(
            ReleaseObjects.pointerKey(model, state.getChannel()),
            state.getRevision(),
            pointer.toString().getBytes(StandardCharsets.UTF_8),
            present -> json(present).path("revision").asLong(-1));
    LOG.info(
        "pointer {}/{} revision {} {}",
        model,
        state.getChannel(),
        state.getRevision(),
        written ? "written" : "was there");
  }

  private static JsonNode json(byte[] bytes) {
    try {
      return JSON.readTree(bytes);
    } catch (IOException damaged) {
      throw new UncheckedIOException(damaged);
    }
  }
}
