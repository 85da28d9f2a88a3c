package io.lazaret.service;

import io.lazaret.checkpoints.ModelStore;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Models as directories on the local disk. What is in use stays; of the rest the models used least
 * lately go when the limit of bytes is exceeded.
 */
@ApplicationScoped
public class ModelCache {

  private static final Logger LOG = LoggerFactory.getLogger(ModelCache.class);

  @Inject ModelStore store;
  @Inject PlatformSettings settings;

  private final Map<Path, Integer> inUse = new HashMap<>();
  private final Map<Path, Long> lastUse = new HashMap<>();
  private long uses;

  /**
   * A model of the cache; to be closed when it is no longer read. Its files must not be changed.
   */
  public final class Lease implements AutoCloseable {

    private final Path path;

    private Lease(Path path) {
      this.path = path;
    }

    public Path path() {
      return path;
    }

    @Override
    public void close() {
      release(path);
    }
  }

  /** The model of this digest, downloaded and verified where it is not there yet. */
  public Lease open(String digest) {
    Path root = settings.workDir().resolve("models");
    Path expected = root.resolve(digest.substring(digest.indexOf(':') + 1));
    acquire(expected);
    try {
      Path fetched = store.fetch(digest, root);
      evict(root);
      return new Lease(fetched);
    } catch (RuntimeException failed) {
      release(expected);
      throw failed;
    }
  }

  private synchronized void acquire(Path path) {
    inUse.merge(path, 1, Integer::sum);
    lastUse.put(path, ++uses);
  }

  private synchronized void release(Path path) {
    inUse.computeIfPresent(path, (p, n) -> n == 1 ? null : n - 1);
  }

  private synchronized void evict(Path root) {
    try (Stream<Path> entries = Files.list(root)) {
      List<Path> models =
          entries
              .filter(Files::isDirectory)
              .filter(path -> !path.getFileName().toString().startsWith("."))
              .sorted(Comparator.comparing((Path path) -> lastUse.getOrDefault(path, 0L)))
              .toList();
      long total = 0;
      for (Path model : models) {
        total += size(model);
      }
      for (Path model : models) {
        if (total <= settings.modelCacheBytes()) {
          return;
        }
        if (!inUse.containsKey(model)) {
          total -= size(model);
          JobDirectory.delete(model);
          lastUse.remove(model);
          LOG.info("model {} left the cache", model.getFileName());
        }
      }
    } catch (IOException e) {
      LOG.warn("the model cache could not be tidied: {}", e.toString());
    }
  }

  private static long size(Path model) throws IOException {
    try (Stream<Path> tree = Files.walk(model)) {
      return tree.filter(Files::isRegularFile)
          .mapToLong(
              file -> {
                try {
                  return Files.size(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              })
          .sum();
    }
  }
}
