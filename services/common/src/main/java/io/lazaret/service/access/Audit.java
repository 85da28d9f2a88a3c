package io.lazaret.service.access;

import io.lazaret.access.Grant;
import io.lazaret.access.Role;
import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.Topics;
import io.lazaret.schemas.ActionAudited;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps who asked for what, and how it was answered, in a topic of its own and in the log. */
@ApplicationScoped
public class Audit {

  private static final Logger LOG = LoggerFactory.getLogger(Audit.class);

  /** Entries that wait for Kafka; beyond that they are in the log alone. */
  private static final int MOST_WAITING = 10_000;

  private static final int LONGEST_PATH = 1_000;
  private static final Duration CLOSE = Duration.ofSeconds(2);

  @Inject KafkaSettings kafka;
  @Inject Serde<SpecificRecord> values;
  @Inject Envelopes envelopes;

  private final ThreadPoolExecutor writer =
      new ThreadPoolExecutor(
          0,
          1,
          10,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MOST_WAITING),
          task -> {
            Thread thread = new Thread(task, "audit");
            thread.setDaemon(true);
            return thread;
          });
  private Producer<String, SpecificRecord> producer;

  /** Notes the request once it is answered. */
  void follow(RoutingContext context, Grant grant) {
    String method = context.request().method().name();
    String path = shortened(context.normalizedPath());
    String address = String.valueOf(context.request().remoteAddress());
    context.addEndHandler(
        ended -> note(grant, method, path, context.response().getStatusCode(), address));
  }

  private static String shortened(String path) {
    return path.length() <= LONGEST_PATH ? path : path.substring(0, LONGEST_PATH);
  }

  private void note(Grant grant, String method, String path, int status, String address) {
    List<String> roles = grant.roles().stream().map(Role::label).sorted().toList();
    LOG.info("audit: {} {} {} -> {} ({})", grant.actor(), method, path, status, address);
    ActionAudited entry =
        new ActionAudited(
            envelopes.first(UUID.randomUUID().toString(), "ActionAudited", "audit", "*"),
            grant.actor(),
            roles,
            method,
            path,
            status,
            address);
    try {
      writer.execute(() -> write(entry));
    } catch (RejectedExecutionException full) {
      LOG.error("an audit entry is in the log alone: too many wait for Kafka");
    }
  }

  /** On the writer's thread. */
  private void write(ActionAudited entry) {
    try {
      if (producer == null) {
        producer =
            new KafkaProducer<>(
                kafka.client(Map.of("client.id", "lazaret-audit"), Map.of("acks", "all")),
                new StringSerializer(),
                values.serializer());
      }
      producer.send(
          new ProducerRecord<>(Topics.AUDIT, entry.getActor(), entry),
          (written, failed) -> {
            if (failed != null) {
              LOG.error("an audit entry is in the log alone: {}", failed.toString());
            }
          });
    } catch (RuntimeException failed) {
      LOG.error("an audit entry is in the log alone: {}", failed.toString());
    }
  }

  void onStop(@Observes ShutdownEvent stop) {
    writer.execute(
        () -> {
          if (producer != null) {
            producer.close(CLOSE);
          }
        });
    writer.shutdown();
    try {
      writer.awaitTermination(CLOSE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
