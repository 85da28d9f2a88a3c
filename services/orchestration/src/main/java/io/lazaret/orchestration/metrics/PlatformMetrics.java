package io.lazaret.orchestration.metrics;

import io.lazaret.eventing.KafkaSettings;
import io.lazaret.schemas.Decision;
import io.lazaret.service.StartOrder;
import io.lazaret.service.telemetry.Queues;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes what the record and the queues say. Counters count the whole record, so that they go on
 * where they were after a restart.
 *
 * <ul>
 *   <li>{@code lazaret.screenings.started}, {@code lazaret.verdicts} by decision, {@code
 *       lazaret.releases.confirmed}, {@code lazaret.releases.rolled.back}
 *   <li>{@code lazaret.release.asr}, {@code lazaret.release.asr.upper95}: the worst attack success
 *       of what a channel serves, by model and channel
 *   <li>{@code lazaret.queue.lag}, {@code lazaret.queue.oldest}: by group and topic; {@code
 *       lazaret.dead.letters} by topic
 * </ul>
 */
@ApplicationScoped
public class PlatformMetrics {

  private static final Logger LOG = LoggerFactory.getLogger(PlatformMetrics.class);

  @Inject KafkaSettings kafka;
  @Inject Serde<SpecificRecord> values;
  @Inject MeterRegistry meters;
  @Inject Clock clock;

  @ConfigProperty(name = "lazaret.metrics.look-seconds", defaultValue = "10")
  long lookSeconds;

  @ConfigProperty(name = "lazaret.metrics.max-channels", defaultValue = "1000")
  int maxChannels;

  private MultiGauge lag;
  private MultiGauge oldest;
  private MultiGauge deadLetters;
  private MultiGauge asr;
  private MultiGauge asrUpper;
  private RecordTally tally;
  private Queues queues;
  private RecordReader reader;
  private ScheduledExecutorService looking;

  void onStart(@Observes @Priority(StartOrder.READERS) StartupEvent start) {
    tally = new RecordTally(maxChannels, maxChannels);
    register();
    queues = new Queues(kafka, clock, "lazaret-metrics", Duration.ofSeconds(lookSeconds));
    reader = new RecordReader(kafka, values, tally::event);
    looking =
        Executors.newSingleThreadScheduledExecutor(
            run -> {
              Thread thread = new Thread(run, "lazaret-metrics");
              thread.setDaemon(true);
              return thread;
            });
    looking.scheduleWithFixedDelay(this::look, 0, lookSeconds, TimeUnit.SECONDS);
  }

  private void register() {
    for (Decision decision : Decision.values()) {
      counter(
          "lazaret.verdicts",
          Tags.of("decision", decision.name().toLowerCase(Locale.ROOT)),
          t -> t.decisions(decision),
          "Verdicts of the record");
    }
    counter("lazaret.screenings.started", Tags.empty(), RecordTally::started, "Screenings begun");
    counter(
        "lazaret.releases.confirmed",
        Tags.empty(),
        RecordTally::confirmed,
        "Released checkpoints that were looked at again and stayed");
    counter(
        "lazaret.releases.rolled.back",
        Tags.empty(),
        RecordTally::rolledBack,
        "Channels taken back");
    lag = gauge("lazaret.queue.lag", "Records that a group of readers has not read", null);
    oldest = gauge("lazaret.queue.oldest", "Age of the oldest unread record", "seconds");
    deadLetters = gauge("lazaret.dead.letters", "Records that nobody could read", null);
    asr = gauge("lazaret.release.asr", "Worst attack success rate of what is served", null);
    asrUpper = gauge("lazaret.release.asr.upper95", "Its upper 95 % bound", null);
  }

  private void counter(
      String name, Tags tags, ToDoubleFunction<RecordTally> value, String description) {
    FunctionCounter.builder(name, tally, value)
        .tags(tags)
        .description(description)
        .register(meters);
  }

  private MultiGauge gauge(String name, String description, String unit) {
    return MultiGauge.builder(name).description(description).baseUnit(unit).register(meters);
  }

  private void look() {
    try {
      publishChannels();
      List<Queues.Queue> all = queues.look();
      lag.register(rows(all, Queues.Queue::lag), true);
      oldest.register(rows(all, Queues.Queue::oldestSeconds), true);
      List<MultiGauge.Row<?>> letters = new ArrayList<>();
      for (Map.Entry<String, Long> topic : queues.deadLetters().entrySet()) {
        letters.add(MultiGauge.Row.of(Tags.of("topic", topic.getKey()), topic.getValue()));
      }
      deadLetters.register(letters, true);
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      // The figures stay as they were; whether Kafka answers has a figure of its own.
      LOG.debug("the queues were not looked at: {}", e.toString());
    }
  }

  private void publishChannels() {
    List<MultiGauge.Row<?>> rates = new ArrayList<>();
    List<MultiGauge.Row<?>> bounds = new ArrayList<>();
    for (RecordTally.Served served : tally.served()) {
      Tags tags = Tags.of("model", served.model(), "channel", served.channel());
      served
          .worst()
          .ifPresent(
              worst -> {
                rates.add(MultiGauge.Row.of(tags, worst.rate()));
                bounds.add(MultiGauge.Row.of(tags, worst.upper95()));
              });
    }
    asr.register(rates, true);
    asrUpper.register(bounds, true);
  }

  private static List<MultiGauge.Row<?>> rows(
      List<Queues.Queue> all, ToDoubleFunction<Queues.Queue> value) {
    List<MultiGauge.Row<?>> rows = new ArrayList<>();
    for (Queues.Queue queue : all) {
      rows.add(
          MultiGauge.Row.of(
              Tags.of("group", queue.group(), "topic", queue.topic()), value.applyAsDouble(queue)));
    }
    return rows;
  }

  void onStop(@Observes ShutdownEvent stop) {
    if (looking != null) {
      looking.shutdownNow();
      awaitEnd();
      queues.close();
      reader.close();
    }
  }

  private void awaitEnd() {
    try {
      looking.awaitTermination(lookSeconds, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
