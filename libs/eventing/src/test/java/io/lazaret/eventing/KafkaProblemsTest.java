package io.lazaret.eventing;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.EOFException;
import java.net.ConnectException;
import java.net.http.HttpTimeoutException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class KafkaProblemsTest {

  @Test
  void tellsWhatMayPassFromWhatNeverWillHoweverDeepTheCause() {
    assertThat(KafkaProblems.passing(new TimeoutException("slow"))).isTrue();
    assertThat(passing(new ConnectException("refused"))).isTrue();
    assertThat(passing(new HttpTimeoutException("slow"))).isTrue();
    assertThat(passing(new EOFException("truncated record"))).isFalse();
    assertThat(KafkaProblems.passing(new RecordTooLargeException("large"))).isFalse();
    assertThat(KafkaProblems.passing(new NullPointerException())).isFalse();
  }

  private static boolean passing(Exception cause) {
    return KafkaProblems.passing(new SerializationException("wrapped", cause));
  }

  @Test
  void believesAProblemOnWhetherItMayPass() {
    ConnectException network = new ConnectException("refused");
    Problem never = Problem.of("A", "b", "c");
    Problem perhaps = Problem.passing("A", "b", "c");
    assertThat(passing(new ProblemException(never, network))).isFalse();
    assertThat(passing(new ProblemException(perhaps))).isTrue();
  }
}
