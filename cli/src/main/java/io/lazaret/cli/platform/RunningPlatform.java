package io.lazaret.cli.platform;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The note {@code platform.json} in a data directory about the platform that works on it, so that a
 * second command joins it instead of starting another one on the same data.
 *
 * @param file the note
 * @param address where the platform answers
 * @param pid its process
 */
record RunningPlatform(Path file, URI address, long pid) {

  private static final String NAME = "platform.json";

  /** Writes the note. */
  static RunningPlatform announce(Path data, URI address, long pid) {
    Path file = data.resolve(NAME);
    try {
      Files.writeString(
          file,
          new ObjectMapper()
              .createObjectNode()
              .put("address", address.toString())
              .put("pid", pid)
              .toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new RunningPlatform(file, address, pid);
  }

  /** The platform that is alive and ready on {@code data}. */
  static Optional<RunningPlatform> find(Path data) {
    Path file = data.resolve(NAME);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      JsonNode note = new ObjectMapper().readTree(file.toFile());
      URI address = URI.create(note.path("address").asText());
      long pid = note.path("pid").asLong(-1);
      boolean alive = ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
      return alive && new PlatformClient(address, Credentials.of(data)).isReady()
          ? Optional.of(new RunningPlatform(file, address, pid))
          : Optional.empty();
    } catch (IOException | IllegalArgumentException leftover) {
      return Optional.empty();
    }
  }

  /** Removes the note. */
  void withdraw() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException leftForTheNextStart) {
      // a note about a dead process is ignored
    }
  }
}
