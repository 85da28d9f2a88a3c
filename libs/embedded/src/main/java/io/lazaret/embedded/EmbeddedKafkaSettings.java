package io.lazaret.embedded;

import java.time.Duration;

/**
 * Settings of the embedded broker.
 *
 * @param brokerSession after a kill the broker may not come back before its old session has run
 *     out. Default 2 s
 * @param startTimeout a busy machine may need a while. Default 120 s
 * @param internalPartitions of the offsets and transaction topics. Default 4
 * @param segmentBytes size at which a log starts a new file. Default 64 MiB
 * @param minimumFreeBytes free disk space needed to start. Default 256 MiB
 */
public record EmbeddedKafkaSettings(
    Duration brokerSession,
    Duration startTimeout,
    int internalPartitions,
    int segmentBytes,
    long minimumFreeBytes) {

  public static EmbeddedKafkaSettings defaults() {
    return new EmbeddedKafkaSettings(
        Duration.ofSeconds(2), Duration.ofSeconds(120), 4, 64 << 20, 256L << 20);
  }

  public EmbeddedKafkaSettings withStartTimeout(Duration timeout) {
    return new EmbeddedKafkaSettings(
        brokerSession, timeout, internalPartitions, segmentBytes, minimumFreeBytes);
  }

  public EmbeddedKafkaSettings withMinimumFreeBytes(long bytes) {
    return new EmbeddedKafkaSettings(
        brokerSession, startTimeout, internalPartitions, segmentBytes, bytes);
  }
}
