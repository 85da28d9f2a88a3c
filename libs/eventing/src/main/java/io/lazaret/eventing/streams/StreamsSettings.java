package io.lazaret.eventing.streams;

import io.lazaret.eventing.KafkaSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Settings of the Streams applications of a process. All run exactly-once (EOS v2).
 *
 * @param kafka the cluster
 * @param stateDir local state; two processes on one host need two
 * @param replication copies of changelogs and repartition topics. Default 1
 * @param instanceId with one, a process that comes back under it gets its partitions back at once
 *     instead of after the session timeout. Default none
 * @param commitInterval a record becomes visible downstream after half of it on average. Default 20
 *     ms
 * @param sessionTimeout after this long without a sign of life another process takes over. Default
 *     8 s
 * @param replacements threads replaced within {@code replacementWindow} before an application is
 *     given up. Default 5
 * @param replacementWindow default 2 min
 * @param closeTimeout default 10 s, for all applications together
 */
public record StreamsSettings(
    KafkaSettings kafka,
    Path stateDir,
    int replication,
    Optional<String> instanceId,
    Duration commitInterval,
    Duration sessionTimeout,
    int replacements,
    Duration replacementWindow,
    Duration closeTimeout) {

  /** The defaults. */
  public static StreamsSettings of(KafkaSettings kafka, Path stateDir) {
    return new StreamsSettings(
        kafka,
        stateDir,
        1,
        Optional.empty(),
        Duration.ofMillis(20),
        Duration.ofSeconds(8),
        5,
        Duration.ofMinutes(2),
        Duration.ofSeconds(10));
  }

  public StreamsSettings withReplication(int value) {
    return new StreamsSettings(
        kafka,
        stateDir,
        value,
        instanceId,
        commitInterval,
        sessionTimeout,
        replacements,
        replacementWindow,
        closeTimeout);
  }

  public StreamsSettings withSessionTimeout(Duration value) {
    return new StreamsSettings(
        kafka,
        stateDir,
        replication,
        instanceId,
        commitInterval,
        value,
        replacements,
        replacementWindow,
        closeTimeout);
  }

  public StreamsSettings withInstanceId(String value) {
    return new StreamsSettings(
        kafka,
        stateDir,
        replication,
        Optional.of(value),
        commitInterval,
        sessionTimeout,
        replacements,
        replacementWindow,
        closeTimeout);
  }
}
