package io.lazaret.checkpoints;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The files of a model. Its canonical JSON, entries sorted by path, is what the model's digest is
 * the hash of.
 */
public record Manifest(List<Entry> files) {

  /** One file; the path is flat or relative, with '/' between its parts. */
  public record Entry(String path, String sha256, long size) {}

  /** Most files of a model. */
  static final int MAX_FILES = 10_000;

  private static final long MAX_FILE_BYTES = 1L << 44;

  private static final Pattern PART = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._ +=@-]{0,199}");
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern RESERVED =
      Pattern.compile("(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\\..*)?");
  private static final int MAX_DEPTH = 8;

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  public Manifest {
    files = files.stream().sorted(Comparator.comparing(Entry::path)).toList();
    if (files.isEmpty() || files.size() > MAX_FILES) {
      throw refused("it names " + files.size() + " files, 1 to " + MAX_FILES + " are possible");
    }
    Set<String> seen = new HashSet<>();
    for (Entry file : files) {
      checkPath(file.path());
      if (file.size() < 0
          || file.size() > MAX_FILE_BYTES
          || file.sha256() == null
          || !HASH.matcher(file.sha256()).matches()) {
        throw refused("the size or hash of a file is malformed");
      }
      // Some file systems take two names for one that differ in letter case alone.
      if (!seen.add(file.path().toLowerCase(java.util.Locale.ROOT))) {
        throw refused("it names a file twice");
      }
    }
    for (String path : seen) {
      for (int i = path.indexOf('/'); i > 0; i = path.indexOf('/', i + 1)) {
        if (seen.contains(path.substring(0, i))) {
          throw refused("a file is also a directory");
        }
      }
    }
  }

  static void checkPath(String path) {
    String[] parts = path == null ? new String[0] : path.split("/", -1);
    boolean plain = parts.length > 0 && parts.length <= MAX_DEPTH;
    for (String part : parts) {
      plain &= PART.matcher(part).matches() && !RESERVED.matcher(part).matches();
      plain &= !part.endsWith(".") && !part.endsWith(" ");
    }
    if (!plain) {
      throw ProblemException.of(
          "FILE_NAME_REFUSED",
          "The model has a file whose name is not plain: " + printable(path) + ".",
          "Rename it: letters, digits, '.', '_' and '-', no '..', no leading dot.");
    }
  }

  private static String printable(String path) {
    String shown = String.valueOf(path).replaceAll("[^\\x20-\\x7e]", "?");
    return shown.length() > 80 ? shown.substring(0, 80) + "…" : shown;
  }

  /** Bytes of all files together. */
  public long totalSize() {
    long total = 0;
    for (Entry file : files) {
      total += file.size();
    }
    return total;
  }

  byte[] canonicalJson() {
    try {
      return JSON.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** {@code sha256:} and the hash of the canonical JSON. */
  public String digest() {
    return "sha256:" + Sha256.of(canonicalJson());
  }

  static Manifest parse(byte[] json) {
    try {
      return JSON.readValue(json, Manifest.class);
    } catch (IOException e) {
      throw refused("it is not a manifest");
    }
  }

  private static ProblemException refused(String why) {
    return ProblemException.of(
        "MANIFEST_REFUSED", "The model's manifest is refused: " + why + ".", "Ingest it again.");
  }
}
