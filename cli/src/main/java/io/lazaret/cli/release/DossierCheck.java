package io.lazaret.cli.release;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.lifecycle.attestation.Dsse;
import io.lazaret.lifecycle.attestation.KeyText;
import io.lazaret.lifecycle.attestation.ScreeningStatement;
import io.lazaret.lifecycle.history.CanonicalBytes;
import io.lazaret.lifecycle.history.Chain;
import io.lazaret.lifecycle.replay.Replay;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.ObjectRef;
import io.lazaret.schemas.PromotionRequested;
import io.lazaret.schemas.ReleaseAdvanced;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;

/** Checks a dossier without a platform and without a network. */
final class DossierCheck {

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * One thing that was looked at.
   *
   * @param name what
   * @param holds whether it is as it should be
   * @param says what was found
   */
  record Finding(String name, boolean holds, String says) {}

  private final Path dossier;
  private final Optional<PublicKey> trusted;
  private final List<Finding> findings = new ArrayList<>();
  private List<SpecificRecord> events = List.of();
  private JsonNode index;

  /**
   * @param trusted the key that an attestation has to be signed with; empty: the one that came with
   *     the dossier
   */
  DossierCheck(Path dossier, Optional<PublicKey> trusted) {
    this.dossier = dossier;
    this.trusted = trusted;
  }

  /** Looks at everything, also after something did not hold. */
  List<Finding> run() {
    index = json(DossierFiles.read(dossier, DossierFiles.INDEX));
    check("files", this::files);
    check("events", this::events);
    check("chain", this::chain);
    check("verdict", this::verdict);
    check("evidence", this::evidence);
    check("manifest", this::manifest);
    if (DossierFiles.has(dossier, DossierFiles.ATTESTATION) || release().isPresent()) {
      check("attestation", this::attestation);
    }
    return findings;
  }

  private void check(String name, Supplier<String> look) {
    try {
      findings.add(new Finding(name, true, look.get()));
    } catch (ProblemException refused) {
      findings.add(
          new Finding(name, false, refused.problem().code() + ": " + refused.problem().sentence()));
    }
  }

  private String files() {
    TreeMap<String, String> listed = new TreeMap<>();
    index
        .path("files")
        .fields()
        .forEachRemaining(f -> listed.put(f.getKey(), f.getValue().asText()));
    Map<String, String> found = DossierFiles.digests(dossier);
    for (Map.Entry<String, String> file : listed.entrySet()) {
      String digest = found.remove(DossierFiles.checked(file.getKey()));
      require(
          file.getValue().equals(digest),
          file.getKey() + (digest == null ? " is missing." : " was changed."));
    }
    require(found.isEmpty(), "Files were added: " + String.join(", ", found.keySet()) + ".");
    return listed.size() + " files are as they were exported.";
  }

  private String events() {
    byte[] lines = DossierFiles.read(dossier, DossierFiles.EVENTS);
    events = RecordFile.read(new String(lines, StandardCharsets.UTF_8).lines());
    require(!events.isEmpty(), "There is no event.");
    require(events.size() == index.path("events").asInt(), "Events are missing or were added.");
    return events.size() + " events of screening " + screening() + ".";
  }

  private String screening() {
    return index.path("screeningId").asText();
  }

  private String chain() {
    Chain chain = Chain.verify(screening(), events);
    require(chain.status() != Chain.Status.BROKEN, chain.sentence());
    require(chain.head().equals(index.path("head").asText()), "The last event is another one.");
    return chain.status() + ": " + chain.sentence();
  }

  private String verdict() {
    require(!events.isEmpty(), "There is no event to decide from.");
    Replay.Outcome outcome = Replay.of(events);
    require(outcome.problem() == null, String.valueOf(outcome.problem()));
    if (outcome.recorded() == null) {
      return events.get(0) instanceof PromotionRequested asked
          ? "It has none of its own: that of screening " + asked.getReleasedBy() + " allows it."
          : "There is no verdict yet.";
    }
    require(
        outcome.recorded().equals(outcome.replayed()),
        "The events lead to another verdict than the recorded one.");
    require(
        outcome.recorded().equals(text(DossierFiles.VERDICT)),
        "verdict.json is not the recorded verdict.");
    return "The same events give the same verdict, "
        + json(outcome.recorded().getBytes(StandardCharsets.UTF_8)).path("decision").asText()
        + ".";
  }

  private String evidence() {
    List<ObjectRef> referred = DossierWriter.evidence(events);
    for (ObjectRef ref : referred) {
      String name = DossierFiles.EVIDENCE + ref.getSha256();
      byte[] content = DossierFiles.read(dossier, name);
      require(
          CanonicalBytes.sha256(content).equals("sha256:" + ref.getSha256()),
          name + " is not what the events refer to.");
    }
    return referred.size() + " objects are what the events refer to.";
  }

  private String manifest() {
    String digest = index.path("digest").asText();
    byte[] manifest = DossierFiles.read(dossier, DossierFiles.MANIFEST);
    require(
        CanonicalBytes.sha256(manifest).equals(digest),
        "manifest.json is not the manifest of " + digest + ".");
    return "The manifest is that of " + digest + ".";
  }

  private String attestation() {
    byte[] envelope = DossierFiles.read(dossier, DossierFiles.ATTESTATION);
    PublicKey key = trusted.orElseGet(() -> KeyText.publicKey(text(DossierFiles.KEY)));
    JsonNode statement = json(Dsse.verify(envelope, key));
    ReleaseAdvanced release =
        release().orElseThrow(() -> broken("An attestation without a release in the events."));
    require(
        statement.path("_type").asText().equals(ScreeningStatement.STATEMENT)
            && statement.path("predicateType").asText().equals(ScreeningStatement.PREDICATE),
        "The statement is of another kind.");
    byte[] expected =
        ScreeningStatement.of(release, manifestFiles(), json(bytes(DossierFiles.VERDICT)));
    require(
        statement.equals(json(expected)),
        "The statement is about another release, other files or another verdict.");
    return "Signed by key "
        + Dsse.keyId(key)
        + (trusted.isPresent()
            ? ", which you named."
            : ", which came with the dossier: name yours with --key.");
  }

  private Optional<ReleaseAdvanced> release() {
    return events.stream()
        .filter(ReleaseAdvanced.class::isInstance)
        .map(ReleaseAdvanced.class::cast)
        .findFirst();
  }

  /** sha256 of every file of the model by its path. */
  private Map<String, String> manifestFiles() {
    Map<String, String> files = new TreeMap<>();
    json(bytes(DossierFiles.MANIFEST))
        .path("files")
        .forEach(file -> files.put(file.path("path").asText(), file.path("sha256").asText()));
    return files;
  }

  /** The id of the key that an attestation says it is signed with; not verified. */
  static String keyId(byte[] attestation) {
    return json(attestation)
        .path("signatures")
        .path(0)
        .path("keyid")
        .asText()
        .replace("sha256:", "");
  }

  private byte[] bytes(String name) {
    return DossierFiles.read(dossier, name);
  }

  private String text(String name) {
    return new String(bytes(name), StandardCharsets.UTF_8);
  }

  private static JsonNode json(byte[] bytes) {
    try {
      return JSON.readTree(bytes);
    } catch (IOException refused) {
      throw ProblemException.of(
          "DOSSIER_UNREADABLE", "A file of the dossier is not JSON.", "Copy the dossier again.");
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw broken(otherwise);
    }
  }

  private static ProblemException broken(String sentence) {
    return ProblemException.of(
        "DOSSIER_BROKEN", sentence, "Do not trust it; get it from its source again.");
  }
}
