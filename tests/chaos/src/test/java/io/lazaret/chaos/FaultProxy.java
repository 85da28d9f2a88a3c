package io.lazaret.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Stands between a client and a server on the loopback interface and does harm. */
final class FaultProxy implements AutoCloseable {

  /** What happens to connections. */
  enum Fault {
    NONE,
    /** Nobody listens to what is said. */
    REFUSED,
    /** 503 Slow Down, as S3 says it. */
    BUSY,
    /** 500 from a proxy on the way. */
    BROKEN,
    /** The answer ends in the middle. */
    TRUNCATED,
    /** One bit of the answer is another. */
    FLIPPED,
    /** The answer comes late and in small pieces. */
    SLOW
  }

  private static final int BUFFER = 8_192;
  private static final long LATE_NANOS = 400_000_000L;

  private final ServerSocket listening;
  private final int target;
  private final int share;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger harmed = new AtomicInteger();
  private final SplittableRandom random;
  private volatile Fault fault = Fault.NONE;

  /**
   * @param target port of the server
   * @param share one of so many connections is harmed
   */
  FaultProxy(int target, int share, long seed) throws IOException {
    this.target = target;
    this.share = share;
    this.random = new SplittableRandom(seed);
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "fault-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Connections that were harmed so far. */
  int harmed() {
    return harmed.get();
  }

  /** From now on; open connections end. */
  void set(Fault next) {
    fault = next;
    open.forEach(FaultProxy::end);
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        Fault now;
        int at;
        synchronized (random) {
          now = random.nextInt(share) == 0 ? fault : Fault.NONE;
          at = random.nextInt(40, 700);
        }
        if (now != Fault.NONE) {
          harmed.incrementAndGet();
        }
        open.add(client);
        start(() -> serve(client, now, at));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket client, Fault now, int at) {
    try {
      switch (now) {
        case REFUSED -> end(client);
        case BUSY -> answer(client, "503 Slow Down", "SlowDown");
        case BROKEN -> answer(client, "500 Internal Server Error", "InternalError");
        default -> {
          Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
          open.add(server);
          start(() -> copy(client, server, Fault.NONE, 0));
          copy(server, client, now, at);
        }
      }
    } catch (IOException e) {
      end(client);
    }
  }

  private static void answer(Socket client, String status, String code) throws IOException {
    client.getInputStream().read(new byte[BUFFER]);
    String body = "<Error><Code>" + code + "</Code><Message>chaos</Message></Error>";
    client
        .getOutputStream()
        .write(
            ("HTTP/1.1 "
                    + status
                    + "\r\nContent-Type: application/xml\r\nConnection: close\r\nContent-Length: "
                    + body.length()
                    + "\r\n\r\n"
                    + body)
                .getBytes(StandardCharsets.US_ASCII));
    end(client);
  }

  private static void copy(Socket from, Socket to, Fault now, int at) {
    byte[] buffer = new byte[BUFFER];
    long seen = 0;
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        int hit = (int) (at - seen);
        boolean here = hit >= 0 && hit < n;
        if (now == Fault.TRUNCATED && here) {
          out.write(buffer, 0, hit);
          return;
        } else if (now == Fault.FLIPPED && here) {
          buffer[hit] ^= 1;
        } else if (now == Fault.SLOW) {
          LockSupport.parkNanos(LATE_NANOS);
        }
        out.write(buffer, 0, n);
        out.flush();
        seen += n;
      }
    } catch (IOException ended) {
      // by either side
    }
  }

  private static void end(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException closedAlready) {
      // nothing is left to do
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    open.forEach(FaultProxy::end);
  }
}
