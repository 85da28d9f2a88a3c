package io.lazaret.chaos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/** One broker of a cluster of three, in a process of its own. */
final class BrokerProcess implements AutoCloseable {

  static final int BROKERS = 3;

  private static final String READY = "READY";

  private final Path directory;
  private final int node;
  private final List<Integer> ports;
  private final String clusterId;
  private Process process;

  private BrokerProcess(Path directory, int node, List<Integer> ports, String clusterId) {
    this.directory = directory;
    this.node = node;
    this.ports = ports;
    this.clusterId = clusterId;
  }

  /** Starts a cluster; returns when all brokers are ready. */
  static List<BrokerProcess> cluster(Path directory) throws IOException {
    List<Integer> ports = new ArrayList<>();
    List<ServerSocket> claimed = new ArrayList<>();
    for (int i = 0; i < 2 * BROKERS; i++) {
      ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      claimed.add(free);
      ports.add(free.getLocalPort());
    }
    for (ServerSocket each : claimed) {
      each.close();
    }
    String clusterId = Uuid.randomUuid().toString();
    List<BrokerProcess> brokers = new ArrayList<>();
    for (int node = 0; node < BROKERS; node++) {
      BrokerProcess broker =
          new BrokerProcess(directory.resolve("broker-" + node), node, ports, clusterId);
      broker.start();
      brokers.add(broker);
    }
    for (BrokerProcess broker : brokers) {
      broker.awaitReady();
    }
    return brokers;
  }

  static String bootstrap(List<BrokerProcess> brokers) {
    return IntStream.range(0, BROKERS)
        .mapToObj(node -> "127.0.0.1:" + brokers.get(0).ports.get(node))
        .collect(Collectors.joining(","));
  }

  void start() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(BrokerProcess.class.getName());
    command.addAll(List.of(directory.toString(), "" + node, clusterId));
    ports.forEach(port -> command.add("" + port));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  void awaitReady() throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.equals(READY)) {
        return;
      }
    }
    throw new IllegalStateException("broker " + node + " did not start");
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the broker cannot be killed");
    }
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }

  public static void main(String[] arguments) throws Exception {
    Path data = Path.of(arguments[0]).toAbsolutePath();
    int node = Integer.parseInt(arguments[1]);
    List<Integer> ports = new ArrayList<>();
    for (String port : List.of(arguments).subList(3, arguments.length)) {
      ports.add(Integer.parseInt(port));
    }
    if (!Files.exists(data.resolve("meta.properties"))) {
      Files.createDirectories(data);
      new Formatter()
          .setNodeId(node)
          .setClusterId(arguments[2])
          .setDirectories(new TreeSet<>(List.of(data.toString())))
          .setMetadataLogDirectory(data.toString())
          .setControllerListenerName("CONTROLLER")
          .setReleaseVersion(MetadataVersion.latestProduction())
          .setIgnoreFormatted(true)
          .setUnstableFeatureVersionsEnabled(false)
          .setPrintStream(
              new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
          .run();
    }
    new KafkaRaftServer(new KafkaConfig(properties(data, node, ports), false), Time.SYSTEM)
        .startup();
    System.out.println(READY);
    System.out.flush();
    new CountDownLatch(1).await();
  }

  private static Properties properties(Path data, int node, List<Integer> ports) {
    Properties p = new Properties();
    String broker = "PLAINTEXT://127.0.0.1:" + ports.get(node);
    String voters =
        IntStream.range(0, BROKERS)
            .mapToObj(other -> other + "@127.0.0.1:" + ports.get(BROKERS + other))
            .collect(Collectors.joining(","));
    p.put("process.roles", "broker,controller");
    p.put("node.id", "" + node);
    p.put("controller.quorum.voters", voters);
    p.put("controller.listener.names", "CONTROLLER");
    p.put("listeners", broker + ",CONTROLLER://127.0.0.1:" + ports.get(BROKERS + node));
    p.put("advertised.listeners", broker);
    p.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    p.put("inter.broker.listener.name", "PLAINTEXT");
    p.put("log.dirs", data.toString());
    p.put("auto.create.topics.enable", "false");
    p.put("default.replication.factor", "3");
    p.put("min.insync.replicas", "2");
    p.put("offsets.topic.replication.factor", "3");
    p.put("offsets.topic.num.partitions", "4");
    p.put("transaction.state.log.replication.factor", "3");
    p.put("transaction.state.log.min.isr", "2");
    p.put("transaction.state.log.num.partitions", "4");
    p.put("group.initial.rebalance.delay.ms", "0");
    p.put("num.network.threads", "2");
    p.put("num.io.threads", "4");
    p.put("log.cleaner.dedupe.buffer.size", "2097152");
    p.put("log.index.size.max.bytes", "1048576");
    return p;
  }
}
