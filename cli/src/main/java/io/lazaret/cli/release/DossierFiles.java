package io.lazaret.cli.release;

import io.lazaret.lifecycle.history.CanonicalBytes;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Names and limits of a dossier. */
final class DossierFiles {

  static final String INDEX = "dossier.json";
  static final String EVENTS = "events.jsonl";
  static final String VERDICT = "verdict.json";
  static final String POLICY = "policy.json";
  static final String MANIFEST = "manifest.json";
  static final String ATTESTATION = "attestation.dsse.json";
  static final String KEY = "attestation-key.pem";
  static final String EVIDENCE = "evidence/";
  static final String SCHEMAS = "schemas/";
  static final int VERSION = 1;

  /** A dossier is read into memory file by file. */
  private static final long LARGEST_FILE = 1L << 30;

  private static final int MOST_FILES = 10_000;
  private static final Pattern NAME = Pattern.compile("([a-z]+/)?[A-Za-z0-9][A-Za-z0-9._-]{0,120}");

  private DossierFiles() {}

  /** The bytes of a file of a dossier; links and files beyond the limit are refused. */
  static byte[] read(Path dossier, String name) {
    Path file = dossier.resolve(checked(name));
    try {
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException("it is not a plain file");
      }
      if (Files.size(file) > LARGEST_FILE) {
        throw new IOException("it is larger than " + LARGEST_FILE + " bytes");
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw ProblemException.of(
          "DOSSIER_UNREADABLE",
          name + " of the dossier cannot be read: " + e.getMessage() + ".",
          "Copy the dossier again.");
    }
  }

  static boolean has(Path dossier, String name) {
    return Files.isRegularFile(dossier.resolve(checked(name)), LinkOption.NOFOLLOW_LINKS);
  }

  /** Refuses names that lead out of the directory. */
  static String checked(String name) {
    if (!NAME.matcher(name).matches() || name.contains("..")) {
      throw ProblemException.of(
          "DOSSIER_NAME_REFUSED",
          "The dossier names a file that no dossier has: "
              + name.replaceAll("[^\\x20-\\x7e]", "?")
              + ".",
          "Do not trust it; export it again.");
    }
    return name;
  }

  /** Digest of every file there is, but the index, by name. */
  static TreeMap<String, String> digests(Path dossier) {
    TreeMap<String, String> digests = new TreeMap<>();
    try (Stream<Path> tree = Files.walk(dossier)) {
      for (Path file : tree.filter(path -> !Files.isDirectory(path)).toList()) {
        String name = dossier.relativize(file).toString().replace('\\', '/');
        if (!name.equals(INDEX)) {
          digests.put(name, CanonicalBytes.sha256(read(dossier, name)));
        }
        if (digests.size() > MOST_FILES) {
          throw new IOException("it has more than " + MOST_FILES + " files");
        }
      }
    } catch (IOException e) {
      throw ProblemException.of(
          "DOSSIER_UNREADABLE",
          dossier + " cannot be read: " + e.getMessage() + ".",
          "Give the directory of a dossier.");
    }
    return digests;
  }
}
