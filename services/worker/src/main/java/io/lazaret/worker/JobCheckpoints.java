package io.lazaret.worker;

import io.lazaret.backdoor.Checkpoints;
import io.lazaret.eventing.worker.JobContext;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import io.lazaret.service.JobDirectory;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The saved state of one job, as the science sees it: folders on the local disk that are copied to
 * and from the object store.
 */
public final class JobCheckpoints implements Checkpoints, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(JobCheckpoints.class);

  private static final String RESULT = "result";

  private final JobContext context;
  private final JobDirectory directory;
  private final Duration interval;
  private final double share;
  private final LongSupplier nanos;
  private long lastNanos;
  private long longestNanos;
  private boolean savedWhileDraining;
  private int folders;

  /**
   * @param directory for the local copies; closed with this
   * @param interval least time between two saved states
   * @param share largest share of the job's time that saving may take: after a state that took long
   *     to save, the next one waits accordingly
   */
  public JobCheckpoints(
      JobContext context, JobDirectory directory, Duration interval, double share) {
    this(context, directory, interval, share, System::nanoTime);
  }

  JobCheckpoints(
      JobContext context,
      JobDirectory directory,
      Duration interval,
      double share,
      LongSupplier nanos) {
    this.context = context;
    this.directory = directory;
    this.interval = interval;
    this.share = share;
    this.nanos = nanos;
    this.lastNanos = nanos.getAsLong();
  }

  @Override
  public Optional<Path> latest(String part) {
    Path into = folder("resumed");
    return context.resume(part, into) ? Optional.of(into) : Optional.empty();
  }

  /** Also once when the worker is about to close: then nothing but what follows is lost. */
  @Override
  public boolean due() {
    if (context.draining() && !savedWhileDraining) {
      return true;
    }
    double wait = Math.max(interval.toNanos(), longestNanos / share);
    return nanos.getAsLong() - lastNanos >= wait;
  }

  @Override
  public void save(String part, Writer writer) {
    Path from = folder("saved");
    long begin = nanos.getAsLong();
    savedWhileDraining = context.draining();
    try {
      writer.write(from);
      context.checkpoint(part, from);
    } finally {
      lastNanos = nanos.getAsLong();
      longestNanos = Math.max(longestNanos, lastNanos - begin);
      delete(from);
    }
  }

  /**
   * A piece of the job whose result is a small record: computed once, however often the job is
   * interrupted afterwards.
   *
   * @param schema of the record; what was saved under another one is computed again
   */
  public <T extends SpecificRecord> T once(String part, Schema schema, Supplier<T> compute) {
    SpecificData model = SpecificData.getForSchema(schema);
    Optional<Path> saved = latest(part);
    if (saved.isPresent()) {
      try {
        byte[] bytes = Files.readAllBytes(saved.get().resolve(RESULT));
        return new BinaryMessageDecoder<T>(model, schema).decode(bytes);
      } catch (IOException | AvroRuntimeException e) {
        LOG.warn("the saved {} cannot be read and is computed again: {}", part, e.toString());
      }
    }
    T result = compute.get();
    save(part, folder -> write(folder.resolve(RESULT), model, schema, result));
    return result;
  }

  private static <T extends SpecificRecord> void write(
      Path file, SpecificData model, Schema schema, T result) {
    try (OutputStream out = Files.newOutputStream(file)) {
      new BinaryMessageEncoder<T>(model, schema).encode(result, out);
    } catch (IOException e) {
      throw unusable(file, e);
    }
  }

  /** Removes the local copies; what was saved stays in the store. */
  @Override
  public void close() {
    directory.close();
  }

  private Path folder(String kind) {
    Path folder = directory.path().resolve(kind + "-" + folders++);
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  private static void delete(Path folder) {
    try {
      JobDirectory.delete(folder);
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  private static ProblemException unusable(Path path, IOException cause) {
    return new ProblemException(
        Problem.passing(
            "WORK_DIRECTORY_UNUSABLE",
            path + " cannot be used: " + cause.getMessage() + ".",
            "Check the disk under lazaret.work.dir."),
        cause);
  }
}
