package io.lazaret.embedded;

import java.time.Duration;

/**
 * Settings of the embedded broker.
 *
 * @param brokerSession how long the broker may be silent until its controller shuts it out. Short
 *     ones shut it out while computation takes all cores; after a kill the broker waits for the end
 *     of its old session, so long ones delay the next start. Default 5 s
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
        Duration.ofSeconds(5), Duration.ofSeconds(120), 4, 64 << 20, 256L << 20);
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
