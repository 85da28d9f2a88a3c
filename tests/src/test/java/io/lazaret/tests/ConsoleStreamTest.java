package io.lazaret.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.access.Role;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The live stream over real HTTP. */
class ConsoleStreamTest {

  private static final ConsoleUnderTest CONSOLE = ConsoleUnderTest.shared();

  /** Somebody who listens, over a plain socket. */
  private record Stream(Socket socket, BufferedReader lines) implements AutoCloseable {

    /** One message; null for what it does not have. */
    record Message(String id, String data) {}

    static Stream open(String path, String last) throws Exception {
      URI address = CONSOLE.address();
      Socket socket = new Socket(address.getHost(), address.getPort());
      socket.setSoTimeout((int) ConsoleUnderTest.PATIENCE.toMillis());
      String request =
          "GET "
              + path
              + " HTTP/1.1\r\nHost: 127.0.0.1:"
              + address.getPort()
              + "\r\nAccept: text/event-stream\r\nAuthorization: Bearer "
              + CONSOLE.token("vera", Role.VIEWER)
              + (last == null ? "" : "\r\nLast-Event-ID: " + last)
              + "\r\n\r\n";
      OutputStream out = socket.getOutputStream();
      out.write(request.getBytes(StandardCharsets.US_ASCII));
      out.flush();
      return new Stream(
          socket,
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)));
    }

    /** Waits until the stream is open. */
    Stream opened() throws Exception {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(":")) {
          return this;
        }
      }
      throw new AssertionError("the stream ended");
    }

    /** The next message that is not a comment. */
    Message next() throws Exception {
      String id = null;
      String data = null;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("id:")) {
          id = line.substring(3).strip();
        } else if (line.startsWith("data:")) {
          data = line.substring(5).strip();
        } else if (line.isEmpty() && data != null) {
          return new Message(id, data);
        }
      }
      throw new AssertionError("the stream ended");
    }

    @Override
    public void close() throws Exception {
      socket.close();
    }
  }

  private static void addTrigger(String trigger) throws Exception {
    HttpResponse<String> answer =
        CONSOLE.post(
            "olga",
            Role.OPERATOR,
            "/api/triggers",
            "{\"trigger\":\"" + trigger + "\",\"target\":\"t\",\"reason\":\"seen\"}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  @Test
  void aStreamGoesOnFromTheRecordWhereItBrokeOff() throws Exception {
    String mark = "stream-" + System.nanoTime();
    String id;
    try (Stream live = Stream.open("/api/stream?type=TriggerIntelligence", null).opened()) {
      addTrigger(mark + "-1");
      Stream.Message first = live.next();
      assertThat(first.data()).contains(mark + "-1");
      id = first.id();
    }
    addTrigger(mark + "-2");
    addTrigger(mark + "-3");
    try (Stream resumed = Stream.open("/api/stream?type=TriggerIntelligence", id)) {
      assertThat(resumed.next().data()).contains(mark + "-2");
      assertThat(resumed.next().data()).contains(mark + "-3");
      addTrigger(mark + "-4");
      assertThat(resumed.next().data()).contains(mark + "-4");
    }
    try (Stream all = Stream.open("/api/stream?after=0", null)) {
      Stream.Message seen = all.next();
      while (!seen.data().contains(mark + "-4")) {
        seen = all.next();
      }
      addTrigger(mark + "-5");
      assertThat(all.next().data()).contains(mark + "-5");
    }
  }

  @Test
  void readersThatDoNotReadDisturbNobody() throws Exception {
    List<Stream> asleep = new ArrayList<>();
    try (Stream awake = Stream.open("/api/stream", null).opened()) {
      for (int i = 0; i < 150; i++) {
        asleep.add(Stream.open("/api/stream?after=0", null));
      }
      String mark = "slow-" + System.nanoTime();
      List<Long> delays = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        addTrigger(mark + i);
        long answered = System.nanoTime();
        while (!awake.next().data().contains(mark + i)) {
          // heartbeats of others
        }
        delays.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - answered));
      }
      delays.sort(null);
      System.out.printf("stream beside 150 sleeping readers, ms after the answer: %s%n", delays);
      assertThat(CONSOLE.get("/api/overview").statusCode()).isEqualTo(200);
    } finally {
      for (Stream each : asleep) {
        each.close();
      }
    }
  }
}
