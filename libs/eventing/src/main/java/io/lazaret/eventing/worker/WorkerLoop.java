package io.lazaret.eventing.worker;

import io.lazaret.eventing.DeadLetters;
import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.Topics;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serde;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one command at a time and keeps polling while it runs. Every partition that a command was
 * taken from stays paused until that command is committed. All methods run on the worker's thread.
 */
final class WorkerLoop<C extends SpecificRecord>
    implements ConsumerRebalanceListener, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(WorkerLoop.class);

  private static final Duration POLL = Duration.ofMillis(50);

  private static final int NOT_NOW = 0;

  /** A command that waits for its turn, its time, or for a registry that answers. */
  private record Pending(ConsumerRecord<byte[], byte[]> record, long dueNanos, Instant notBefore) {

    static Pending after(ConsumerRecord<byte[], byte[]> record, Duration wait) {
      return new Pending(record, System.nanoTime() + wait.toNanos(), null);
    }

    /**
     * Until the time that the command names. Its writer's clock and ours may be days apart, so it
     * never waits longer than the writer had in mind.
     */
    static Pending until(ConsumerRecord<byte[], byte[]> record, Instant notBefore) {
      Duration meant = Duration.between(Instant.ofEpochMilli(record.timestamp()), notBefore);
      Duration most = meant.isNegative() ? Duration.ZERO : meant;
      return new Pending(record, System.nanoTime() + most.toNanos(), notBefore);
    }

    boolean ready(Instant now) {
      return System.nanoTime() - dueNanos >= 0 || (notBefore != null && !notBefore.isAfter(now));
    }
  }

  private final WorkerSettings settings;
  private final CommandCodec<C> codec;
  private final StageJob<C> stageJob;
  private final String group;
  private final Clock clock;
  private final Consumer<WorkerState> states;
  private final Envelopes envelopes;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final OffsetTransactions transactions;
  private final ProgressPublisher progress;
  private final Map<TopicPartition, Pending> pending = new HashMap<>();
  private final JobStates jobStates;
  private RunningJob<C> running;
  private boolean draining;
  private long nextCommitNanos;

  WorkerLoop(
      WorkerSettings settings,
      Serde<SpecificRecord> values,
      Class<C> commandType,
      StageJob<C> stageJob,
      JobStates jobStates,
      Clock clock,
      Consumer<WorkerState> states) {
    this.settings = settings;
    this.codec = new CommandCodec<>(commandType, values, settings.maxResultBytes());
    this.stageJob = stageJob;
    this.jobStates = jobStates;
    this.clock = clock;
    this.states = states;
    this.group = StageWorker.group(commandType);
    this.envelopes = new Envelopes(settings.producer(), clock);
    this.transactions = new OffsetTransactions(settings.kafka(), group + "-");
    this.consumer = WorkerConsumer.create(settings, group);
    try {
      this.progress =
          new ProgressPublisher(
              settings, values, group + "-progress-" + settings.workerId(), clock);
      consumer.subscribe(List.of(Topics.commands(Topics.stageOf(commandType))), this);
    } catch (RuntimeException e) {
      consumer.close();
      throw e;
    }
  }

  /** One turn. */
  void turn() {
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
      TopicPartition partition = new TopicPartition(record.topic(), record.partition());
      consumer.pause(List.of(partition));
      pending.put(partition, Pending.after(record, Duration.ZERO));
    }
    if (running != null) {
      progress.tick(running);
      finish();
    }
    if (running == null && !draining) {
      next().ifPresent(this::begin);
    }
  }

  /** Takes up nothing more and gives the running job some time to finish. */
  void drain() {
    draining = true;
    long end = System.nanoTime() + settings.drainTimeout().toNanos();
    if (running != null) {
      running.drain();
    }
    while (running != null && System.nanoTime() - end < 0) {
      turn();
    }
  }

  private Optional<Pending> next() {
    Instant now = clock.instant();
    return pending.values().stream()
        .filter(each -> each.ready(now))
        .min(Comparator.comparingLong(each -> each.record().timestamp()));
  }

  private void begin(Pending each) {
    ConsumerRecord<byte[], byte[]> record = each.record();
    TopicPartition partition = new TopicPartition(record.topic(), record.partition());
    C command;
    try {
      command = codec.decode(record);
    } catch (ProblemException e) {
      if (e.problem().retryable()) {
        LOG.warn("{}@{} waits: {}", partition, record.offset(), e.getMessage());
        later(record, settings.retryBackoff());
      } else {
        bury(each, e.problem());
      }
      return;
    }
    Instant notBefore = Envelopes.jobOf(command).getNotBefore();
    boolean early = notBefore != null && notBefore.isAfter(clock.instant());
    if (early && each.notBefore() == null) {
      pending.put(partition, Pending.until(record, notBefore));
      return;
    }
    int takeUps = takeUp(record);
    if (takeUps == NOT_NOW) {
      later(record, settings.retryBackoff());
      return;
    }
    pending.remove(partition);
    StageJob<C> job = takeUps > settings.maxTakeUps() ? Crashes.job(takeUps - 1) : stageJob;
    running = new RunningJob<>(record, command, job, envelopes, jobStates, takeUps, group + "-job");
    LOG.info(
        "job {} starts ({}@{}), take-up {}",
        running.job().getJobId(),
        partition,
        record.offset(),
        takeUps);
    progress.begin();
    states.accept(WorkerState.WORKING);
    running.start();
  }

  /** Claims the command and notes that it was; which take-up of it this is, or NOT_NOW. */
  private int takeUp(ConsumerRecord<byte[], byte[]> record) {
    TopicPartition partition = new TopicPartition(record.topic(), record.partition());
    if (!transactions.claim(partition)) {
      return NOT_NOW;
    }
    try {
      int takeUps = transactions.takeUps(consumer, record) + 1;
      return transactions.noteTakeUps(consumer, record, takeUps)
              == OffsetTransactions.Outcome.COMMITTED
          ? takeUps
          : NOT_NOW;
    } catch (KafkaException e) {
      LOG.warn("cannot take up {}@{}: {}", partition, record.offset(), e.toString());
      return NOT_NOW;
    }
  }

  /** A job that is given up in good order does not count as one that its worker died of. */
  private void handBack() {
    transactions.noteTakeUps(consumer, running.source(), running.takeUp() - 1);
  }

  private void later(ConsumerRecord<byte[], byte[]> record, Duration wait) {
    TopicPartition partition = new TopicPartition(record.topic(), record.partition());
    pending.put(partition, Pending.after(record, wait));
  }

  private void bury(Pending each, Problem problem) {
    ConsumerRecord<byte[], byte[]> record = each.record();
    LOG.error("{}-{}@{}: {}", record.topic(), record.partition(), record.offset(), problem);
    ProducerRecord<byte[], byte[]> letter = DeadLetters.of(record, group, problem);
    if (transactions.commit(consumer, record, letter) == OffsetTransactions.Outcome.COMMITTED) {
      TopicPartition partition = new TopicPartition(record.topic(), record.partition());
      pending.remove(partition);
      consumer.resume(List.of(partition));
    } else {
      later(record, settings.retryBackoff());
    }
  }

  /** Commits what the job led to, once it is done and as soon as that is possible. */
  private void finish() {
    if (!running.done()) {
      return;
    }
    if (running.cancelled()) {
      LOG.info("job {} was cancelled", running.job().getJobId());
      idle();
      return;
    }
    if (nextCommitNanos != 0 && System.nanoTime() - nextCommitNanos < 0) {
      return;
    }
    OffsetTransactions.Outcome outcome;
    try {
      outcome = transactions.commit(consumer, running.source(), codec.encode(running));
    } catch (ProblemException e) {
      LOG.warn("the result of job {} waits: {}", running.job().getJobId(), e.getMessage());
      outcome = OffsetTransactions.Outcome.LATER;
    }
    switch (outcome) {
      case COMMITTED -> {
        progress.end(running);
        running.forgetState();
        LOG.info("job {} ends", running.job().getJobId());
        consumer.resume(List.of(running.partition()));
        idle();
      }
      case FENCED -> {
        // The group is about to tell us that the partition is gone. Should it not, there are two
        // groups of workers: then the command is ours again after a while.
        later(running.source(), settings.sessionTimeout());
        idle();
      }
      case LATER -> nextCommitNanos = System.nanoTime() + settings.retryBackoff().toNanos();
    }
  }

  private void idle() {
    running = null;
    nextCommitNanos = 0;
    states.accept(WorkerState.IDLE);
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    transactions.fence(partitions);
    if (running == null) {
      states.accept(WorkerState.IDLE);
    }
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    if (running != null && partitions.contains(running.partition())) {
      finish();
      if (running != null) {
        handBack();
      }
    }
    onPartitionsLost(partitions);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    for (TopicPartition partition : partitions) {
      pending.remove(partition);
      transactions.release(partition);
      if (running != null && running.partition().equals(partition)) {
        LOG.info("{} was taken away, job {} is cancelled", partition, running.job().getJobId());
        running.cancel();
      }
    }
  }

  @Override
  public void close() {
    try {
      if (running != null) {
        finish();
      }
      if (running != null) {
        running.cancel();
        if (!running.await(settings.closeTimeout())) {
          LOG.warn("job {} does not end, its thread is left behind", running.job().getJobId());
        }
        handBack();
        running = null;
      }
    } finally {
      transactions.close();
      progress.close();
      try {
        consumer.close(CloseOptions.timeout(settings.closeTimeout()));
      } catch (KafkaException e) {
        LOG.warn("the consumer did not close cleanly", e);
      }
    }
  }
}
