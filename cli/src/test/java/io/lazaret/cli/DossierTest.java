package io.lazaret.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A dossier that a platform exported from a real screening, and what becomes of it in bad hands.
 */
class DossierTest {

  private static final Path EXPORTED = Path.of("src", "test", "resources", "dossier");

  @TempDir Path root;

  private Path dossier;

  @BeforeEach
  void copy() throws IOException {
    dossier = root.resolve("dossier");
    try (Stream<Path> tree = Files.walk(EXPORTED)) {
      for (Path file : tree.toList()) {
        Files.copy(file, dossier.resolve(EXPORTED.relativize(file).toString()));
      }
    }
  }

  @Test
  void exportedDossierHolds() {
    CommandLineRun run = verify();
    assertThat(run.exitCode()).as(run.out()).isZero();
    assertThat(run.json().path("checks")).hasSize(7).allMatch(c -> c.path("holds").asBoolean());
  }

  @Test
  void everyChangedFileIsFound() throws IOException {
    for (Path file : files()) {
      byte[] original = Files.readAllBytes(file);
      byte[] changed = original.clone();
      changed[changed.length / 2] ^= 1;
      Files.write(file, changed);
      assertThat(verify().exitCode()).as("changed " + file).isIn(2, 11);
      Files.delete(file);
      assertThat(verify().exitCode()).as("without " + file).isIn(2, 11);
      Files.write(file, original);
    }
    assertThat(verify().exitCode()).isZero();
  }

  @Test
  void forgedVerdictIsFoundEvenWhenTheDigestsAreForgedToo() throws IOException {
    String forged =
        Files.readString(dossier.resolve("events.jsonl"))
            .replace("Every rule holds", "No rule applies");
    Files.writeString(dossier.resolve("events.jsonl"), forged);
    String verdict =
        Files.readString(dossier.resolve("verdict.json"))
            .replace("Every rule holds", "No rule applies");
    Files.writeString(dossier.resolve("verdict.json"), verdict);
    JsonNode checks = verify().json().path("checks");
    assertThat(broken(checks)).contains("files", "chain", "verdict", "attestation");
  }

  @Test
  void addedFilesAndLinksAreFound() throws IOException {
    Files.writeString(dossier.resolve("more.json"), "{}");
    assertThat(broken(verify().json().path("checks"))).containsExactly("files");
    Files.delete(dossier.resolve("more.json"));
    Path policy = dossier.resolve("policy.json");
    Path elsewhere = root.resolve("policy.json");
    Files.move(policy, elsewhere);
    Files.createSymbolicLink(policy, elsewhere);
    assertThat(broken(verify().json().path("checks"))).contains("files");
  }

  @Test
  void attestationOfAnotherKeyIsRefused() throws IOException, GeneralSecurityException {
    var other = KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic();
    Path key = root.resolve("other.pem");
    Files.writeString(key, io.lazaret.lifecycle.attestation.KeyText.of(other));
    CommandLineRun run = run("verify", dossier.toString(), "--key", key.toString(), "--json");
    assertThat(run.exitCode()).isEqualTo(11);
    assertThat(broken(run.json().path("checks"))).containsExactly("attestation");
    CommandLineRun right =
        run("verify", dossier.toString(), "--key", dossier + "/attestation-key.pem");
    assertThat(right.exitCode()).isZero();
    assertThat(right.out()).contains("which you named");
  }

  @Test
  void eventsReplayToTheSameVerdict() {
    CommandLineRun run = run("replay", "--record", dossier + "/events.jsonl", "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode history = run.json().path("histories").path(0);
    assertThat(history.path("chain").asText()).isEqualTo("CHAINED");
    assertThat(history.path("replayed")).isEqualTo(history.path("recorded"));
  }

  @Test
  void policyIsTriedOnTheRecord() throws IOException {
    Path policy = root.resolve("policy.yaml");
    Files.writeString(policy, "ladder: [OSFT]\n");
    CommandLineRun same =
        run("policy", "test", policy.toString(), "--record", dossier + "/events.jsonl", "--json");
    assertThat(same.json().path("screenings").path(0).path("decided").asText())
        .isEqualTo("PROMOTED");
    Files.writeString(policy, "ladder: [OSFT]\napprovals:\n  held: 9\n");
    CommandLineRun refused = run("policy", "validate", policy.toString());
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("Line 3", "approvals.held", "[POLICY_BAD_VALUE]");
  }

  @Test
  void eventOfALaterVersionIsANamedProblem() throws IOException {
    Path events = dossier.resolve("events.jsonl");
    Files.writeString(events, "{\"event\":\"ModelTeleported\",\"record\":{}}\n");
    CommandLineRun run = run("replay", "--record", events.toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("Line 1", "[EVENT_UNKNOWN]");
  }

  private CommandLineRun verify() {
    return run("verify", dossier.toString(), "--json");
  }

  private CommandLineRun run(String... args) {
    return CommandLineRun.of(CommandLineRun.unbuilt(root), args);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> tree = Files.walk(dossier)) {
      return tree.filter(Files::isRegularFile).toList();
    }
  }

  private static List<String> broken(JsonNode checks) {
    List<String> names = new ArrayList<>();
    checks.forEach(
        check -> {
          if (!check.path("holds").asBoolean()) {
            names.add(check.path("name").asText());
          }
        });
    return names;
  }
}
