package io.lazaret.cli.doctor;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Checks of the machine: processors, memory, disk, directories, port. */
final class Machine {

  private static final double GIB = 1L << 30;

  /** The demo's peak, with room for the build. */
  private static final double LEAST_MEMORY_GIB = 3;

  /** Libraries, unpacked natives, and a few screenings. */
  private static final double LEAST_DISK_GIB = 5;

  private Machine() {}

  static Finding platform() {
    String name = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    boolean supported = name.toLowerCase(Locale.ROOT).matches("linux (amd64|x86_64)");
    return supported
        ? Finding.ok("system", name)
        : Finding.fail("system", name, "Run on Linux x86-64: the tensor library is built for it.");
  }

  static Finding processors() {
    int count = Runtime.getRuntime().availableProcessors();
    return count >= 2
        ? Finding.ok("processors", count + " available")
        : Finding.warn("processors", "only 1 available", "Give it 2; stages take twice as long.");
  }

  static Finding memory() {
    double total =
        ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize()
            / GIB;
    String detail = String.format(Locale.ROOT, "%.1f GiB", total);
    return total >= LEAST_MEMORY_GIB
        ? Finding.ok("memory", detail)
        : Finding.warn("memory", detail, "Give it " + LEAST_MEMORY_GIB + " GiB or more.");
  }

  static Finding directory(String what, Path directory) {
    try {
      Files.createDirectories(directory);
      Files.delete(Files.createTempFile(directory, "doctor", ".tmp"));
      FileStore store = Files.getFileStore(directory);
      double free = store.getUsableSpace() / GIB;
      String detail = String.format(Locale.ROOT, "%s, writable, %.0f GiB free", directory, free);
      return free >= LEAST_DISK_GIB
          ? Finding.ok(what, detail)
          : Finding.warn(what, detail, "Free " + LEAST_DISK_GIB + " GiB there.");
    } catch (IOException e) {
      return Finding.fail(
          what,
          directory + " cannot be written (" + e.getMessage() + ")",
          "Correct its permissions or use another one.");
    }
  }

  /** Whether the platform could listen; {@code port} 0 stands for any free port. */
  static Finding port(int port) {
    String name = port == 0 ? "a free loopback port" : "loopback port " + port;
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return Finding.ok("port", name + " can be opened");
    } catch (IOException e) {
      return Finding.fail(
          "port",
          name + " cannot be opened (" + e.getMessage() + ")",
          "Give another one with --port, or end the program that uses it.");
    }
  }
}
