package io.lazaret.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster of three brokers loses one after the other while work is going on. */
class BrokerLossTest {

  private static final Duration PATIENCE = Duration.ofMinutes(4);

  @TempDir Path directory;

  @Test
  void aClusterThatLosesAnyOneBrokerLosesAndDoublesNothing() throws Exception {
    List<BrokerProcess> brokers = BrokerProcess.cluster(directory);
    try (ChaosPlatform platform =
        new ChaosPlatform(directory, BrokerProcess.bootstrap(brokers), BrokerProcess.BROKERS)) {
      platform.runHere(EnumSet.complementOf(EnumSet.of(Role.INGESTION)));
      for (BrokerProcess broker : brokers) {
        for (int i = 0; i < 4; i++) {
          platform.ask();
        }
        broker.kill();
        platform.ask();
        assertThat(platform.awaitVerdicts(PATIENCE)).as("two brokers are enough").isTrue();
        broker.start();
        broker.awaitReady();
      }
      platform.ask();
      assertThat(platform.awaitVerdicts(PATIENCE)).isTrue();
      assertThat(Invariants.violations(platform.recording())).isEmpty();
      assertThat(platform.verdicts().values()).containsOnly("PROMOTED");
    } finally {
      for (BrokerProcess broker : brokers) {
        broker.close();
      }
    }
  }
}
