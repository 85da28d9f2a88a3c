package io.lazaret.cli.release;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.cli.ExitCode;
import io.lazaret.cli.JsonOption;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.terminal.Printable;
import io.lazaret.cli.terminal.Terminal;
import io.lazaret.lifecycle.attestation.KeyText;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks a dossier, offline. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Check a dossier without a platform: digests, hash chain, verdict decided anew, evidence,"
            + " manifest, and the signature of the attestation.",
    footer = {"", "Exit codes: 0 everything holds, 11 something does not, 2 bad usage or input."})
public final class VerifyCommand implements Callable<Integer> {

  private static final long LARGEST_KEY = 8_192;

  private final Terminal terminal;

  @Parameters(paramLabel = "DOSSIER", description = "Directory that lazaret export wrote.")
  private Path dossier;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description =
          "Public key in PEM form that the attestation must be signed with (default: the one that"
              + " came with the dossier, which shows consistency but not origin).")
  private Path key;

  @Mixin private JsonOption answer;

  public VerifyCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    List<DossierCheck.Finding> findings = new DossierCheck(dossier, trusted()).run();
    boolean holds = findings.stream().allMatch(DossierCheck.Finding::holds);
    if (answer.json) {
      ObjectNode document = JsonNodeFactory.instance.objectNode().put("holds", holds);
      ArrayNode array = document.putArray("checks");
      findings.forEach(
          each ->
              array
                  .addObject()
                  .put("name", each.name())
                  .put("holds", each.holds())
                  .put("says", each.says()));
      terminal.out().println(document);
    } else {
      findings.forEach(
          each ->
              terminal
                  .out()
                  .println(
                      (each.holds() ? terminal.green("ok      ") : terminal.red("BROKEN  "))
                          + Printable.of(each.name() + ": " + each.says())));
    }
    terminal.out().flush();
    return holds ? ExitCode.OK : ExitCode.REJECTED;
  }

  private Optional<PublicKey> trusted() {
    if (key == null) {
      return Optional.empty();
    }
    try {
      if (Files.size(key) > LARGEST_KEY) {
        throw new IOException("it is too large for a key");
      }
      return Optional.of(KeyText.publicKey(Files.readString(key)));
    } catch (IOException e) {
      throw ProblemException.of(
          "FILE_UNREADABLE",
          key + " cannot be read: " + e.getMessage() + ".",
          "Check the file and its permissions.");
    }
  }
}
