package io.lazaret.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Many readers of the live stream, all on one thread, that only count what they hear. */
final class StreamCrowd implements AutoCloseable {

  private static final int BUFFER = 1 << 16;

  /** With every event and nothing else comes a line that begins with {@code id:}. */
  private static final byte[] EVENT = "\nid:".getBytes(StandardCharsets.US_ASCII);

  private final Selector selector;
  private final List<SocketChannel> readers = new ArrayList<>();
  private final AtomicLong events = new AtomicLong();
  private final Thread thread = new Thread(this::read, "stream-crowd");

  StreamCrowd(URI console, String token, int size) throws IOException {
    selector = Selector.open();
    String request =
        "GET /api/stream HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\nAuthorization: Bearer %s\r\n\r\n"
            .formatted(console.getAuthority(), token);
    for (int i = 0; i < size; i++) {
      SocketChannel reader =
          SocketChannel.open(new InetSocketAddress(console.getHost(), console.getPort()));
      reader.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      reader.configureBlocking(false);
      // How many bytes of the mark before an event were seen at the end of the last reading.
      reader.register(selector, SelectionKey.OP_READ, new int[1]);
      readers.add(reader);
    }
    thread.setDaemon(true);
    thread.start();
  }

  /** Events that were heard so far, by all readers together. */
  long events() {
    return events.get();
  }

  private void read() {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    try {
      while (selector.isOpen()) {
        selector.select();
        for (SelectionKey key : selector.selectedKeys()) {
          buffer.clear();
          if (((SocketChannel) key.channel()).read(buffer) < 0) {
            key.cancel();
          }
          count(buffer.flip(), (int[]) key.attachment());
        }
        selector.selectedKeys().clear();
      }
    } catch (java.nio.channels.ClosedSelectorException closed) {
      // by close()
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void count(ByteBuffer bytes, int[] matched) {
    while (bytes.hasRemaining()) {
      byte next = bytes.get();
      matched[0] = next == EVENT[matched[0]] ? matched[0] + 1 : next == EVENT[0] ? 1 : 0;
      if (matched[0] == EVENT.length) {
        matched[0] = 0;
        events.incrementAndGet();
      }
    }
  }

  @Override
  public void close() throws IOException {
    selector.close();
    for (SocketChannel reader : readers) {
      reader.close();
    }
  }
}
