package io.lazaret.ingestion;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Uploads on local disk until they are submitted. One folder each: {@code upload.json}, {@code
 * model/}, {@code data/}, {@code partial/} for what is still being transferred, and after the
 * submission {@code receipt.json} alone. Names of uploaded files are hostile: they are flat, of a
 * small alphabet, and every file appears whole or not at all.
 */
class UploadArea {

  /** What a submission was answered; a repeated submission gets the same. */
  record Receipt(String screeningId, String digest) {}

  /**
   * @param modelFileBytes largest file of a model
   * @param dataFileBytes largest data file; stages read it into memory
   * @param files most files of a model
   */
  record Limits(long modelFileBytes, long dataFileBytes, int files) {}

  private record Upload(String name) {}

  private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}");
  private static final Pattern MODEL_NAME =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9][A-Za-z0-9._-]{0,95})?");

  /** An upload that nobody submitted is removed after this time. */
  private static final Duration ABANDONED = Duration.ofHours(24);

  /** For so long a repeated submission gets the same answer. */
  private static final Duration REMEMBERED = Duration.ofDays(30);

  /** Time between two looks for what may be removed. */
  private static final Duration SWEEP_INTERVAL = Duration.ofHours(1);

  private static final String MODEL = "model";
  private static final String DATA = "data";
  private static final String PARTIAL = "partial";

  private static final int BUFFER = 1 << 16;

  private final Path root;
  private final Limits limits;
  private final ObjectMapper json = new ObjectMapper();
  private final Map<Path, ReadWriteLock> locks = new ConcurrentHashMap<>();
  private Instant nextSweep = Instant.MIN;

  UploadArea(Path root, Limits limits) {
    this.root = root;
    this.limits = limits;
  }

  /** Opens an upload; returns its id. */
  String open(String modelName) {
    return open(UUID.randomUUID(), modelName);
  }

  /** Opens an upload under an id of the caller's; one that is open or was submitted stays. */
  String open(UUID uploadId, String modelName) {
    if (modelName == null || !MODEL_NAME.matcher(modelName).matches()) {
      throw ProblemException.of(
          "MODEL_NAME_INVALID",
          "A model name has up to 96 letters, digits, '.', '_' and '-', optionally an owner and '/' before it.",
          "Give another name.");
    }
    String id = uploadId.toString();
    Disk.guarded(
        () -> {
          Path folder = root.resolve(id);
          Files.createDirectories(folder.resolve(MODEL));
          Files.createDirectories(folder.resolve(DATA));
          Files.createDirectories(folder.resolve(PARTIAL));
          json.writeValue(folder.resolve("upload.json").toFile(), new Upload(modelName));
        });
    return id;
  }

  String modelName(String id) {
    Path file = folder(id).resolve("upload.json");
    return Disk.guarded(() -> json.readValue(file.toFile(), Upload.class).name());
  }

  Path model(String id) {
    return folder(id).resolve(MODEL);
  }

  /** The data file of this name, if it was uploaded. */
  Optional<Path> data(String id, String name) {
    return Optional.of(folder(id).resolve(DATA).resolve(name)).filter(Files::exists);
  }

  /** Stores one file of the model, whole or not at all. */
  void storeModelFile(String id, String name, InputStream content) {
    store(id, MODEL, name, content, limits.modelFileBytes());
  }

  /** Stores one data file, whole or not at all. */
  void storeData(String id, String kind, InputStream content) {
    store(id, DATA, kind, content, limits.dataFileBytes());
  }

  private void store(String id, String part, String name, InputStream content, long limit) {
    if (!FILE_NAME.matcher(name).matches()) {
      throw ProblemException.of(
          "FILE_NAME_INVALID",
          "A file name has up to 200 letters, digits, '.', '_' and '-' and begins with a letter or digit.",
          "Upload the files of the model directory by their plain names.");
    }
    Path folder = folder(id);
    Lock transfer = lock(folder).readLock();
    transfer.lock();
    try {
      Disk.guarded(() -> receive(folder, part, name, content, limit));
    } finally {
      transfer.unlock();
    }
  }

  private void receive(Path folder, String part, String name, InputStream content, long limit)
      throws IOException {
    Path directory = folder.resolve(part);
    if (!Files.isDirectory(directory)) {
      throw unknown();
    }
    try (Stream<Path> files = Files.list(directory)) {
      if (files.count() >= limits.files() && !Files.exists(directory.resolve(name))) {
        throw ProblemException.of(
            "TOO_MANY_FILES",
            "An upload takes at most " + limits.files() + " files.",
            "Upload only what the model needs.");
      }
    }
    Path partial = Files.createTempFile(folder.resolve(PARTIAL), "file-", "");
    try {
      copy(name, content, partial, limit);
      Files.move(
          partial,
          directory.resolve(name),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  /** Does something with an upload while no file of it is being transferred. */
  <T> T exclusively(String id, Supplier<T> action) {
    Lock all = lock(folder(id)).writeLock();
    all.lock();
    try {
      return action.get();
    } finally {
      all.unlock();
    }
  }

  private ReadWriteLock lock(Path folder) {
    return locks.computeIfAbsent(folder, f -> new ReentrantReadWriteLock());
  }

  private static void copy(String name, InputStream content, Path to, long limit)
      throws IOException {
    byte[] buffer = new byte[BUFFER];
    long total = 0;
    try (OutputStream out = Files.newOutputStream(to)) {
      for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
        total += n;
        if (total > limit) {
          throw ProblemException.of(
              "FILE_TOO_LARGE",
              name + " is larger than " + limit + " bytes.",
              "Raise lazaret.ingestion.max-file-bytes, or max-data-bytes for data, if the file is"
                  + " meant to be so large.");
        }
        out.write(buffer, 0, n);
      }
    }
  }

  Optional<Receipt> receipt(String id) {
    Path file = folder(id).resolve("receipt.json");
    return Files.exists(file)
        ? Optional.of(Disk.guarded(() -> json.readValue(file.toFile(), Receipt.class)))
        : Optional.empty();
  }

  /** Notes the answer of the submission and frees the disk. */
  void close(String id, Receipt receipt) {
    Disk.guarded(
        () -> {
          Path partial = folder(id).resolve(".receipt");
          json.writeValue(partial.toFile(), receipt);
          Files.move(partial, folder(id).resolve("receipt.json"), StandardCopyOption.ATOMIC_MOVE);
          Disk.remove(folder(id).resolve(MODEL));
          Disk.remove(folder(id).resolve(DATA));
          Disk.remove(folder(id).resolve(PARTIAL));
        });
  }

  /** Removes what nobody submitted for a day, and answers that nobody will ask for again. */
  synchronized void sweep(Instant now) {
    if (now.isBefore(nextSweep)) {
      return;
    }
    nextSweep = now.plus(SWEEP_INTERVAL);
    Disk.guarded(
        () -> {
          Files.createDirectories(root);
          for (Path folder : folders()) {
            Instant touched = Files.getLastModifiedTime(folder).toInstant();
            boolean submitted = Files.exists(folder.resolve("receipt.json"));
            if (touched.plus(submitted ? REMEMBERED : ABANDONED).isBefore(now)) {
              Disk.remove(folder);
              locks.remove(folder);
            }
          }
        });
  }

  /** Removes what a process that was killed had received in part. */
  void discardPartials() {
    Disk.guarded(
        () -> {
          Files.createDirectories(root);
          for (Path folder : folders()) {
            try (Stream<Path> files = partials(folder)) {
              for (Path file : files.toList()) {
                Files.delete(file);
              }
            }
          }
        });
  }

  private List<Path> folders() throws IOException {
    try (Stream<Path> folders = Files.list(root)) {
      return folders.filter(Files::isDirectory).toList();
    }
  }

  private static Stream<Path> partials(Path folder) throws IOException {
    Path partial = folder.resolve(PARTIAL);
    return Files.isDirectory(partial) ? Files.list(partial) : Stream.empty();
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
}
