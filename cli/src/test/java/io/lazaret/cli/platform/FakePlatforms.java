package io.lazaret.cli.platform;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Programs that take the platform's place, packed where the platform's jar would be. */
final class FakePlatforms {

  private FakePlatforms() {}

  /** An installation whose platform is {@code main}. */
  static Installation install(Path root, Class<?> main) throws IOException {
    Installation installation =
        new Installation(root, Path.of(System.getProperty("java.home"), "bin", "java"));
    Files.createDirectories(installation.platformJar().getParent());
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, main.getName());
    try (OutputStream file = Files.newOutputStream(installation.platformJar());
        JarOutputStream jar = new JarOutputStream(file, manifest)) {
      String entry = main.getName().replace('.', '/') + ".class";
      jar.putNextEntry(new JarEntry(entry));
      try (InputStream bytes = main.getClassLoader().getResourceAsStream(entry)) {
        bytes.transferTo(jar);
      }
    }
    return installation;
  }

  /** Gets ready, says so, and stays. */
  public static final class Ready {
    public static void main(String[] args) throws Exception {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/q/health/ready",
          exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
          });
      server.start();
      System.out.println("data " + System.getProperty("lazaret.data.dir"));
      System.out.println("arenas " + System.getenv("MALLOC_ARENA_MAX"));
      System.out.println("LAZARET_READY http://127.0.0.1:" + server.getAddress().getPort());
      new CountDownLatch(1).await();
    }
  }

  /** Says in its own words that it cannot work with its settings. */
  public static final class Refusing {
    public static void main(String[] args) {
      System.err.println("PORT_IN_USE: Port 8080 is taken.");
      System.exit(2);
    }
  }

  /** Finds its port taken, deep inside. */
  public static final class Dying {
    public static void main(String[] args) {
      System.out.println("INFO starting");
      System.err.println("12:00 ERROR [io.l] (main) PORT_IN_USE: port 8080 is taken.");
      System.err.println("\tat some.Class.method(Class.java:1)");
      System.exit(3);
    }
  }

  /** Never gets ready. */
  public static final class Silent {
    public static void main(String[] args) throws Exception {
      new CountDownLatch(1).await();
    }
  }
}
