package io.lazaret.ingestion;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Uploads on local disk until they are submitted. One folder each: {@code upload.json}, {@code
 * model/}, {@code data/}, and after the submission {@code receipt.json} alone. Names of uploaded
 * files are hostile: they are flat, of a small alphabet, and every file appears whole or not at all.
 */
final class UploadArea {

  /** What a submission was answered; a repeated submission gets the same. */
  record Receipt(String screeningId, String digest) {}

  private record Upload(String name) {}

  private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}");
  private static final Pattern MODEL_NAME =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9][A-Za-z0-9._-]{0,95})?");

  /** An upload that nobody submitted is removed after this time. */
  private static final Duration ABANDONED = Duration.ofHours(24);

  private static final int BUFFER = 1 << 16;

  private final Path root;
  private final long maxFileBytes;
  private final int maxFiles;
  private final ObjectMapper json = new ObjectMapper();

  /**
   * @param maxFileBytes largest file taken
   * @param maxFiles most files per upload
   */
  UploadArea(Path root, long maxFileBytes, int maxFiles) {
    this.root = root;
    this.maxFileBytes = maxFileBytes;
    this.maxFiles = maxFiles;
  }

  /** Opens an upload; returns its id. */
  String open(String modelName) {
    if (modelName == null || !MODEL_NAME.matcher(modelName).matches()) {
      throw ProblemException.of(
          "MODEL_NAME_INVALID",
          "A model name has up to 96 letters, digits, '.', '_' and '-', optionally an owner and '/' before it.",
          "Give another name.");
    }
    String id = UUID.randomUUID().toString();
    guarded(
        () -> {
          Path folder = root.resolve(id);
          Files.createDirectories(folder.resolve("model"));
          Files.createDirectories(folder.resolve("data"));
          json.writeValue(folder.resolve("upload.json").toFile(), new Upload(modelName));
        });
    return id;
  }

  String modelName(String id) {
    Path file = folder(id).resolve("upload.json");
    return guarded(() -> json.readValue(file.toFile(), Upload.class).name());
  }

  Path model(String id) {
    return folder(id).resolve("model");
  }

  /** The data file of this name, if it was uploaded. */
  Optional<Path> data(String id, String name) {
    return Optional.of(folder(id).resolve("data").resolve(name)).filter(Files::exists);
  }

  /** Stores one file, whole or not at all. */
  void store(String id, String part, String name, InputStream content) {
    if (!FILE_NAME.matcher(name).matches()) {
      throw ProblemException.of(
          "FILE_NAME_INVALID",
          "A file name has up to 200 letters, digits, '.', '_' and '-' and begins with a letter or digit.",
          "Upload the files of the model directory by their plain names.");
    }
    Path directory = folder(id).resolve(part);
    guarded(
        () -> {
          if (!Files.isDirectory(directory)) {
            throw unknown();
          }
          try (Stream<Path> files = Files.list(directory)) {
            if (files.count() >= maxFiles) {
              throw ProblemException.of(
                  "TOO_MANY_FILES",
                  "An upload takes at most " + maxFiles + " files.",
                  "Upload only what the model needs.");
            }
          }
          Path partial = Files.createTempFile(directory, ".partial-", "");
          try {
            copy(name, content, partial);
            Files.move(
                partial,
                directory.resolve(name),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
          } finally {
            Files.deleteIfExists(partial);
          }
        });
  }

  private void copy(String name, InputStream content, Path to) throws IOException {
    byte[] buffer = new byte[BUFFER];
    long total = 0;
    try (OutputStream out = Files.newOutputStream(to)) {
      for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
        total += n;
        if (total > maxFileBytes) {
          throw ProblemException.of(
              "FILE_TOO_LARGE",
              name + " is larger than " + maxFileBytes + " bytes.",
              "Raise lazaret.ingestion.max-file-bytes if the file is meant to be so large.");
        }
        out.write(buffer, 0, n);
      }
    }
  }

  Optional<Receipt> receipt(String id) {
    Path file = folder(id).resolve("receipt.json");
    return Files.exists(file)
        ? Optional.of(guarded(() -> json.readValue(file.toFile(), Receipt.class)))
        : Optional.empty();
  }

  /** Notes the answer of the submission and frees the disk. */
  void close(String id, Receipt receipt) {
    guarded(
        () -> {
          Path partial = folder(id).resolve(".receipt");
          json.writeValue(partial.toFile(), receipt);
          Files.move(
              partial, folder(id).resolve("receipt.json"), StandardCopyOption.ATOMIC_MOVE);
          remove(folder(id).resolve("model"));
          remove(folder(id).resolve("data"));
        });
  }

  /** Removes what nobody submitted for a day. */
  void sweep(Instant now) {
    guarded(
        () -> {
          Files.createDirectories(root);
          try (Stream<Path> folders = Files.list(root)) {
            for (Path folder : folders.toList()) {
              Instant touched = Files.getLastModifiedTime(folder).toInstant();
              boolean open = !Files.exists(folder.resolve("receipt.json"));
              if (open && touched.plus(ABANDONED).isBefore(now)) {
                remove(folder);
              }
            }
          }
        });
  }

  private static void remove(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private Path folder(String id) {
    UUID parsed;
    try {
      parsed = UUID.fromString(id);
    } catch (IllegalArgumentException notAnId) {
      throw unknown();
    }
    Path folder = root.resolve(parsed.toString());
    if (!Files.isDirectory(folder)) {
      throw unknown();
    }
    return folder;
  }

  private static ProblemException unknown() {
    return ProblemException.of(
        "UPLOAD_UNKNOWN",
        "There is no open upload with this id.",
        "Open one with POST /api/ingestion/uploads.");
  }

  @FunctionalInterface
  private interface DiskAction {
    void run() throws IOException;
  }

  @FunctionalInterface
  private interface DiskRead<T> {
    T run() throws IOException;
  }

  private static void guarded(DiskAction action) {
    guarded(
        () -> {
          action.run();
          return null;
        });
  }

  private static <T> T guarded(DiskRead<T> action) {
    try {
      return action.run();
    } catch (FileSystemException e) {
      String reason = String.valueOf(e.getReason());
      if (reason.contains("No space left")) {
        throw diskFull(e);
      }
      throw new UncheckedIOException(e);
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).contains("No space left")) {
        throw diskFull(e);
      }
      throw new UncheckedIOException(e);
    }
  }

  private static ProblemException diskFull(IOException cause) {
    return new ProblemException(
        Problem.passing(
            "DISK_FULL",
            "The disk of the ingestion service is full; the file was not kept.",
            "Free space in lazaret.work.dir and upload the file again."),
        cause);
  }
}
