package io.lazaret.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.cli.platform.PlatformClient;
import io.lazaret.cli.platform.PlatformFailure;
import io.lazaret.cli.terminal.Terminal;
import io.lazaret.cli.terminal.VerdictTable;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the verdict goes: stdout, and a directory with the verdict and the released model. */
final class VerdictOutput {

  private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,199}");

  @Mixin JsonOption answer;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Write verdict.json there, and the released model under model/ when it is promoted. The"
              + " directory must be new or empty.")
  Path out;

  /** Refuses a directory that something would be overwritten in. */
  void check() {
    if (out == null) {
      return;
    }
    try (Stream<Path> entries = Files.exists(out) ? Files.list(out) : Stream.empty()) {
      if (entries.findAny().isPresent()) {
        throw ProblemException.of(
            "OUT_NOT_EMPTY", out + " is not empty.", "Give a new or an empty directory to --out.");
      }
    } catch (IOException e) {
      throw ProblemException.of(
          "OUT_UNUSABLE",
          out + " is not a usable directory: " + e.getMessage() + ".",
          "Give a new or an empty directory to --out.");
    }
  }

  /** Prints and stores the verdict; returns the exit code of its decision. */
  int deliver(JsonNode verdict, PlatformClient client, Terminal terminal) {
    if (answer.json) {
      terminal.out().println(verdict.toPrettyString());
      terminal.out().flush();
    } else {
      VerdictTable.print(terminal, verdict);
    }
    int exit = ExitCode.of(verdict.path("decision").asText());
    if (out != null) {
      store(verdict, client, terminal);
    }
    return exit;
  }

  private void store(JsonNode verdict, PlatformClient client, Terminal terminal) {
    try {
      Files.createDirectories(out);
      String released = releasedDigest(verdict);
      if (released != null) {
        Path partial = out.resolve("model.partial");
        download(released, client, Files.createDirectory(partial));
        Files.move(partial, out.resolve("model"), StandardCopyOption.ATOMIC_MOVE);
        terminal.note("Released model: " + out.resolve("model"));
      }
      Files.writeString(out.resolve("verdict.json"), verdict.toPrettyString() + "\n");
    } catch (IOException e) {
      removePartial();
      throw new PlatformFailure(
          Problem.of(
              "OUT_NOT_WRITTEN",
              "The result could not be written to " + out + ": " + e.getMessage() + ".",
              "Make room, then: lazaret screen --attach "
                  + verdict.path("screeningId").asText()
                  + " --out DIR"));
    }
  }

  /** Digest of the model that the verdict releases; null when it releases none. */
  static String releasedDigest(JsonNode verdict) {
    JsonNode released = verdict.path("released").path("digest");
    return released.isTextual() ? released.asText() : null;
  }

  private static void download(String digest, PlatformClient client, Path to) throws IOException {
    for (JsonNode file : client.modelFiles(digest)) {
      String name = file.path("path").asText();
      if (!PLAIN_NAME.matcher(name).matches()) {
        throw new IOException("the platform names a file \"" + name + "\"");
      }
      Path target = to.resolve(name);
      client.downloadModelFile(digest, name, target);
      String sha256 = sha256(target);
      if (!sha256.equals(file.path("sha256").asText())) {
        throw new IOException(name + " arrived with sha256 " + sha256);
      }
    }
  }

  private static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file);
        DigestInputStream digest =
            new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
      digest.transferTo(java.io.OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digest.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private void removePartial() {
    try (Stream<Path> tree = Files.walk(out.resolve("model.partial"))) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException nothingThere) {
      // the first failure is the one to tell
    }
  }
}
