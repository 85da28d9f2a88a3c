package io.lazaret.checkpoints;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** Model directories on this machine: each whole and verified when it is handed out. */
final class ModelDirectoryCache {

  private static final String PARTIAL = ".partial-";

  /** What a killed process left half-way is removed when it is this old. */
  private static final Duration ABANDONED = Duration.ofDays(1);

  private final Path root;

  ModelDirectoryCache(Path root) {
    this.root = root;
  }

  /** The directory of a model, made with {@code download} where it is missing or damaged. */
  Path get(String name, Manifest manifest, BiConsumer<Manifest.Entry, Path> download)
      throws IOException {
    Path target = root.resolve(name);
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      if (holds(target, manifest)) {
        return target;
      }
      remove(target);
    }
    Files.createDirectories(root);
    removeAbandoned();
    long usable = Files.getFileStore(root).getUsableSpace();
    if (usable < manifest.totalSize()) {
      throw StoreProblems.noRoom("the model " + name, manifest.totalSize(), usable);
    }
    Path partial = Files.createTempDirectory(root, PARTIAL);
    try {
      for (Manifest.Entry entry : manifest.files()) {
        download.accept(entry, partial.resolve(entry.path()));
      }
      moveIntoPlace(partial, target);
    } finally {
      remove(partial);
    }
    return target;
  }

  /** Whether a directory holds exactly the files of a manifest, byte for byte. */
  private static boolean holds(Path directory, Manifest manifest) throws IOException {
    long found;
    try (Stream<Path> tree = Files.walk(directory)) {
      found = tree.filter(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)).count();
    }
    if (found != manifest.files().size()) {
      return false;
    }
    for (Manifest.Entry entry : manifest.files()) {
      Path file = directory.resolve(entry.path());
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          || Files.size(file) != entry.size()
          || !Sha256.of(file).sha256().equals(entry.sha256())) {
        return false;
      }
    }
    return true;
  }

  private static void moveIntoPlace(Path partial, Path target) throws IOException {
    try {
      Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // Another worker of this machine was faster, with the same bytes.
      if (!Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
        throw e;
      }
    }
  }

  private void removeAbandoned() throws IOException {
    Instant limit = Instant.now().minus(ABANDONED);
    List<Path> all;
    try (Stream<Path> children = Files.list(root)) {
      all = children.filter(c -> c.getFileName().toString().startsWith(PARTIAL)).toList();
    }
    for (Path each : all) {
      if (Files.getLastModifiedTime(each).toInstant().isBefore(limit)) {
        remove(each);
      }
    }
  }

  private static void remove(Path directory) throws IOException {
    if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      try (Stream<Path> tree = Files.walk(directory)) {
        for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(path);
        }
      }
    }
  }
}
