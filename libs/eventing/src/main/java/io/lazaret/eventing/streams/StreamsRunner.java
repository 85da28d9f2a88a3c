package io.lazaret.eventing.streams;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.state.QueryableStoreType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the Streams applications of a process, each under its own application id. */
public final class StreamsRunner implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StreamsRunner.class);

  private final StreamsSettings settings;
  private final Map<String, KafkaStreams> running = new LinkedHashMap<>();
  private final Map<String, ThreadReplacement> replacements = new LinkedHashMap<>();
  private final DeadLetterSink deadLetters;

  /**
   * Prepares the applications; nothing runs yet.
   *
   * @throws ProblemException STATE_DIRECTORY_UNUSABLE when another process uses the state directory
   *     or it cannot be written
   */
  public StreamsRunner(StreamsSettings settings, Collection<? extends StreamsApp> apps) {
    this.settings = settings;
    this.deadLetters = new DeadLetterSink(settings.kafka());
    try {
      Files.createDirectories(settings.stateDir());
      for (StreamsApp app : apps) {
        add(app);
      }
    } catch (StreamsException | java.io.IOException e) {
      close();
      throw new ProblemException(
          Problem.of(
              "STATE_DIRECTORY_UNUSABLE",
              "The state directory " + settings.stateDir() + " cannot be used: " + e.getMessage(),
              "Give each process on this machine its own, writable lazaret.work.dir."),
          e);
    }
  }

  private void add(StreamsApp app) {
    Map<String, Object> properties = StreamsProperties.of(settings, app, deadLetters);
    KafkaStreams streams = new KafkaStreams(app.topology(), new StreamsConfig(properties));
    ThreadReplacement replacement = new ThreadReplacement(app.name(), settings, Clock.systemUTC());
    streams.setUncaughtExceptionHandler(replacement);
    streams.setStateListener(
        (now, before) -> LOG.info("streams application {}: {} -> {}", app.name(), before, now));
    running.put(app.name(), streams);
    replacements.put(app.name(), replacement);
  }

  /** Starts all applications; returns before they run. */
  public void start() {
    running.values().forEach(KafkaStreams::start);
  }

  /** Whether every application is RUNNING. */
  public boolean ready() {
    return running.values().stream().allMatch(s -> s.state() == KafkaStreams.State.RUNNING);
  }

  /** State of each application by its name. */
  public Map<String, KafkaStreams.State> states() {
    Map<String, KafkaStreams.State> states = new LinkedHashMap<>();
    running.forEach((name, streams) -> states.put(name, streams.state()));
    return states;
  }

  /** Why an application was given up, if one was. */
  public Optional<Problem> problem() {
    return replacements.values().stream()
        .map(ThreadReplacement::givenUp)
        .flatMap(Optional::stream)
        .findFirst();
  }

  /**
   * A store of an application, to be read.
   *
   * @throws org.apache.kafka.streams.errors.InvalidStateStoreException while it is being restored
   *     or moved; asking again later helps
   */
  public <T> T store(String app, String store, QueryableStoreType<T> type) {
    KafkaStreams streams = running.get(app);
    if (streams == null) {
      throw new IllegalArgumentException("no streams application " + app);
    }
    return streams.store(StoreQueryParameters.fromNameAndType(store, type));
  }

  /** Closes all applications at the same time, within the close timeout. */
  @Override
  public void close() {
    Duration timeout = settings.closeTimeout();
    running.values().parallelStream().forEach(streams -> streams.close(timeout));
    deadLetters.close();
  }
}
