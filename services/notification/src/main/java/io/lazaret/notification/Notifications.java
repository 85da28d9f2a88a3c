package io.lazaret.notification;

import io.lazaret.eventing.KafkaSettings;
import io.lazaret.problem.ProblemException;
import io.lazaret.service.PlatformSettings;
import io.lazaret.service.StartOrder;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Runs a courier for every receiver that the settings name. */
@ApplicationScoped
public class Notifications {

  @Inject Config config;
  @Inject PlatformSettings platform;
  @Inject KafkaSettings kafka;
  @Inject Serde<SpecificRecord> values;
  @Inject MeterRegistry meters;
  @Inject Clock clock;

  @ConfigProperty(name = "lazaret.notify.timeout-seconds")
  long timeoutSeconds;

  @ConfigProperty(name = "lazaret.notify.first-retry-seconds")
  long firstRetrySeconds;

  @ConfigProperty(name = "lazaret.notify.longest-retry-seconds")
  long longestRetrySeconds;

  @ConfigProperty(name = "lazaret.notify.give-up-hours")
  long giveUpHours;

  private final List<Courier> couriers = new ArrayList<>();
  private final List<AutoCloseable> running = new ArrayList<>();

  void onStart(@Observes @Priority(StartOrder.READERS) StartupEvent start) {
    Messages messages =
        new Messages(config.getOptionalValue("lazaret.notify.console", String.class).orElse(""));
    new Receivers(config).all().forEach(receiver -> start(receiver, messages));
  }

  private void start(Receiver receiver, Messages messages) {
    Path file = platform.workDir().resolve("notifications").resolve(receiver.name() + ".json");
    ReceiverState state = new ReceiverState(file);
    Sender sender =
        new Sender(
            receiver,
            host -> List.of(InetAddress.getAllByName(host)),
            Duration.ofSeconds(timeoutSeconds));
    Courier courier =
        new Courier(
            receiver,
            Delivery.to(receiver, sender, messages, state, clock),
            state,
            new Courier.Patience(
                Duration.ofSeconds(firstRetrySeconds),
                Duration.ofSeconds(longestRetrySeconds),
                Duration.ofHours(giveUpHours)),
            clock);
    couriers.add(courier);
    register(courier);
    running.add(new Round(kafka, values, courier));
    running.add(sender);
  }

  private void register(Courier courier) {
    String name = courier.receiver().name();
    FunctionCounter.builder("lazaret.notifications.delivered", courier, Courier::delivered)
        .description("Notices that arrived")
        .tag("receiver", name)
        .register(meters);
    Gauge.builder("lazaret.notifications.dead", courier, Courier::dead)
        .description("Notices that were given up")
        .tag("receiver", name)
        .register(meters);
    Gauge.builder("lazaret.notifications.failing", courier, c -> c.failing() ? 1 : 0)
        .description("1 while a receiver does not take what it is sent")
        .tag("receiver", name)
        .register(meters);
  }

  /** What is going on with each receiver. */
  List<Courier.Status> status() {
    return couriers.stream().map(Courier::status).toList();
  }

  /**
   * Tries the dead notices of a receiver again; returns how many.
   *
   * @throws ProblemException RECEIVER_UNKNOWN
   */
  int retry(String receiver) {
    return couriers.stream()
        .filter(courier -> courier.receiver().name().equals(receiver))
        .findFirst()
        .orElseThrow(
            () ->
                ProblemException.of(
                    "RECEIVER_UNKNOWN",
                    "There is no receiver of this name.",
                    "GET /api/notifications lists them."))
        .retry();
  }

  void onStop(@Observes ShutdownEvent stop) throws Exception {
    couriers.forEach(Courier::close);
    for (AutoCloseable each : running) {
      each.close();
    }
  }
}
