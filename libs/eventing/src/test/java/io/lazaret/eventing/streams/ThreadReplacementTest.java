package io.lazaret.eventing.streams;

import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.eventing.Examples;
import io.lazaret.eventing.KafkaProblems;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.MutableClock;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.Test;

class ThreadReplacementTest {

  private final StreamsSettings settings =
      StreamsSettings.of(KafkaSettings.of("nowhere:1"), Path.of("unused"));
  private final MutableClock clock = new MutableClock(Examples.NOON);
  private final ThreadReplacement replacement = new ThreadReplacement("app", settings, clock);

  @Test
  void givesUpWhenThreadsKeepDying() {
    for (int i = 0; i < settings.replacements(); i++) {
      assertThat(replacement.handle(new IllegalStateException("bug"))).isEqualTo(REPLACE_THREAD);
    }
    assertThat(replacement.givenUp()).isEmpty();
    assertThat(replacement.handle(new IllegalStateException("bug"))).isEqualTo(SHUTDOWN_CLIENT);
    assertThat(replacement.givenUp().orElseThrow().code()).isEqualTo("STREAMS_FAILED");
    assertThat(replacement.givenUp().orElseThrow().sentence()).contains("app").contains("bug");
  }

  @Test
  void forgetsDeathsThatAreLongAgo() {
    for (int i = 0; i < 50; i++) {
      assertThat(replacement.handle(new IllegalStateException("bug"))).isEqualTo(REPLACE_THREAD);
      clock.advance(Duration.ofMinutes(1));
    }
    assertThat(replacement.givenUp()).isEmpty();
  }

  @Test
  void neverGivesUpBecauseKafkaOrTheRegistryDoNotAnswer() {
    Exception registry = KafkaProblems.unavailable("x", new TimeoutException());
    for (int i = 0; i < 50; i++) {
      assertThat(replacement.handle(new StreamsException(registry))).isEqualTo(REPLACE_THREAD);
      assertThat(replacement.handle(new TimeoutException("slow"))).isEqualTo(REPLACE_THREAD);
    }
    assertThat(replacement.givenUp()).isEmpty();
  }
}
