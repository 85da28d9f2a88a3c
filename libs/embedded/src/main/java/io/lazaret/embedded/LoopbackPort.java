package io.lazaret.embedded;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Ports of the loopback interface, the only one that embedded servers listen on. */
public final class LoopbackPort {

  public static final String HOST = "127.0.0.1";

  private LoopbackPort() {}

  /**
   * Returns a port that can be listened on now.
   *
   * @param port the one wanted, or 0 for any
   * @param server who wants it, for the problem
   * @throws ProblemException PORT_IN_USE
   */
  public static int claim(int port, String server) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(HOST), port));
      return socket.getLocalPort();
    } catch (IOException | IllegalArgumentException e) {
      throw inUse(port, server, e);
    }
  }

  static ProblemException inUse(int port, String server, Exception cause) {
    return new ProblemException(
        Problem.of(
            "PORT_IN_USE",
            "Port " + port + " for the " + server + " cannot be used: " + cause.getMessage(),
            "Stop the program that listens there, or set another port (0 picks a free one)."),
        cause);
  }
}
