package io.lazaret.embedded.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.embedded.DataDirectory;
import io.lazaret.problem.ProblemException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Append-only file of JSON lines. A line counts once its line feed is on disk; what follows the
 * last line feed is the torn end of a write that nobody was told had succeeded, and is cut off.
 */
final class Journal implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Longest line that is written or read, bytes. */
  private static final int MAX_LINE_BYTES = 4 << 20;

  private final Path dir;
  private final FileChannel file;
  private long end;

  private Journal(Path dir, FileChannel file) {
    this.dir = dir;
    this.file = file;
  }

  /** Opens the journal and hands over what it holds, oldest first. */
  static Journal open(Path dir, Consumer<JsonNode> replay) {
    Path path = dir.resolve("schemas.jsonl");
    FileChannel file = null;
    try {
      file =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      Journal journal = new Journal(dir, file);
      journal.replay(path, replay);
      return journal;
    } catch (IOException e) {
      closeQuietly(file);
      throw DataDirectory.problem(dir, e);
    } catch (RuntimeException e) {
      closeQuietly(file);
      throw e;
    }
  }

  private void replay(Path path, Consumer<JsonNode> replay) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    int number = 1;
    while (file.read(buffer) >= 0) {
      buffer.flip();
      while (buffer.hasRemaining()) {
        byte b = buffer.get();
        if (b == '\n') {
          replay.accept(parse(path, number, line.toByteArray()));
          end += line.size() + 1;
          number++;
          line.reset();
        } else if (line.size() >= MAX_LINE_BYTES) {
          throw damaged(path, number, "it is longer than " + MAX_LINE_BYTES + " bytes");
        } else {
          line.write(b);
        }
      }
      buffer.clear();
    }
    if (line.size() > 0) {
      LOG.warn("{}: cutting off {} bytes of an unfinished line {}", path, line.size(), number);
      file.truncate(end);
    }
  }

  private static JsonNode parse(Path path, int number, byte[] line) throws IOException {
    try {
      JsonNode node = JSON.readTree(line);
      if (node instanceof ObjectNode) {
        return node;
      }
    } catch (JsonProcessingException e) {
      throw damaged(path, number, e.getOriginalMessage());
    }
    throw damaged(path, number, "it is not a JSON object");
  }

  static ProblemException damaged(Path path, int number, String why) {
    return ProblemException.of(
        "REGISTRY_JOURNAL_DAMAGED",
        path + " line " + number + " cannot be read: " + why,
        "Restore the file from a backup; records cannot be read without their schemas.");
  }

  /** Returns when the entry is on disk. */
  void append(ObjectNode entry) throws IOException {
    byte[] json = JSON.writeValueAsBytes(entry);
    ByteBuffer line = ByteBuffer.allocate(json.length + 1).put(json).put((byte) '\n').flip();
    if (line.limit() > MAX_LINE_BYTES) {
      throw new IOException("the entry has " + line.limit() + " bytes");
    }
    try {
      long position = end;
      while (line.hasRemaining()) {
        position += file.write(line, position);
      }
      file.force(false);
      end = position;
    } catch (IOException e) {
      file.truncate(end);
      throw e;
    }
  }

  ObjectNode entry() {
    return JSON.createObjectNode();
  }

  @Override
  public void close() {
    closeQuietly(file);
  }

  private static void closeQuietly(FileChannel file) {
    try {
      if (file != null) {
        file.close();
      }
    } catch (IOException e) {
      LOG.warn("the registry's journal did not close cleanly", e);
    }
  }

  @Override
  public String toString() {
    return dir.toString();
  }
}
