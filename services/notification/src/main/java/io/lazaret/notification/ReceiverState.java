package io.lazaret.notification;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is remembered of a receiver beside its position in the record: the threads of models, and
 * the notices that never arrived. A file, replaced as a whole; where it is lost, new threads begin.
 */
final class ReceiverState {

  /** Most models whose thread is known, and most dead notices, the latest ones. */
  private static final int MOST = 1_000;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .build();

  /** A notice that never arrived, why, and when it was given up. */
  record Dead(Notice notice, String why, Instant at) {}

  private record Content(Map<String, String> threads, List<Dead> dead) {}

  private final Path file;
  private final LinkedHashMap<String, String> threads = new LinkedHashMap<>();
  private final List<Dead> dead = new ArrayList<>();

  ReceiverState(Path file) {
    this.file = file;
    try {
      if (Files.exists(file)) {
        Content content = JSON.readValue(file.toFile(), Content.class);
        threads.putAll(content.threads());
        dead.addAll(content.dead());
      }
    } catch (JsonProcessingException damaged) {
      // As if it were lost.
      threads.clear();
      dead.clear();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  synchronized Optional<String> thread(String model) {
    return Optional.ofNullable(threads.get(model));
  }

  synchronized void begin(String model, String thread) {
    threads.remove(model);
    threads.put(model, thread);
    while (threads.size() > MOST) {
      threads.remove(threads.keySet().iterator().next());
    }
    save();
  }

  synchronized void bury(Notice notice, String why, Instant at) {
    dead.add(new Dead(notice, why, at));
    while (dead.size() > MOST) {
      dead.remove(0);
    }
    save();
  }

  /** Takes all dead notices, to be tried again. */
  synchronized List<Notice> exhume() {
    List<Notice> taken = dead.stream().map(Dead::notice).toList();
    dead.clear();
    save();
    return taken;
  }

  synchronized List<Dead> dead() {
    return List.copyOf(dead);
  }

  private void save() {
    try {
      Files.createDirectories(file.getParent());
      Path next = file.resolveSibling(file.getFileName() + ".next");
      JSON.writeValue(next.toFile(), new Content(threads, dead));
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
