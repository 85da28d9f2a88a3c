package io.lazaret.chaos;

import io.lazaret.schemas.Ids;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * What the services load, read and verified once: most of what a kill costs is the start of the
 * next process. The archive is made by a process that runs all services for one screening, and kept
 * for as long as the class path stays what it is.
 */
final class ClassArchive {

  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final Path file;
  private final String classPath;

  private ClassArchive(Path file, String classPath) {
    this.file = file;
    this.classPath = classPath;
  }

  /** Options of a process that starts from the archive. */
  List<String> options() {
    return List.of("-XX:SharedArchiveFile=" + file, "-Xshare:auto", "-cp", classPath);
  }

  /** The archive of this class path; the platform, which has no services yet, makes a new one. */
  static ClassArchive of(ChaosPlatform platform) throws Exception {
    Path directory =
        Path.of(System.getProperty("lazaret.root"), "tests", "chaos", "target", "archive", key());
    Path file = directory.resolve("services.jsa");
    if (Files.exists(file)) {
      return new ClassArchive(file, jars(directory));
    }
    Files.createDirectories(directory);
    ClassArchive archive = new ClassArchive(file, jars(directory));
    Path dumped = directory.resolve("dumped.jsa");
    List<String> options = List.of("-XX:ArchiveClassesAtExit=" + dumped, "-cp", archive.classPath);
    try (ServiceProcess all = ServiceProcess.all(platform.access("archive"), options)) {
      all.runUnharmed();
      platform.ask();
      if (!platform.awaitVerdicts(PATIENCE)) {
        throw new IllegalStateException("no verdict while the archive was made");
      }
      all.signal("TERM");
      if (!all.awaitEnd(PATIENCE)) {
        throw new IllegalStateException("the process that makes the archive does not end");
      }
    }
    Files.move(dumped, file);
    return archive;
  }

  /** Changes with every class and every jar. */
  private static String key() throws IOException {
    List<Object> parts = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      parts.add(entry);
      Path path = Path.of(entry);
      if (Files.exists(path)) {
        try (Stream<Path> tree = Files.walk(path)) {
          for (Path each : tree.filter(Files::isRegularFile).sorted().toList()) {
            parts.add(Files.size(each));
            parts.add(Files.getLastModifiedTime(each).toMillis());
          }
        }
      }
    }
    return Ids.derive(parts.toArray());
  }

  /** The class path of this process; an archive takes jars, not directories. */
  private static String jars(Path directory) {
    List<String> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry);
      entries.add(
          Files.isDirectory(path)
              ? jar(path, directory.resolve("classes-" + entries.size() + ".jar")).toString()
              : entry);
    }
    return String.join(File.pathSeparator, entries);
  }

  private static Path jar(Path classes, Path jar) {
    if (Files.exists(jar)) {
      return jar;
    }
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file);
        Stream<Path> tree = Files.walk(classes)) {
      for (Path each : tree.filter(Files::isRegularFile).sorted().toList()) {
        out.putNextEntry(new JarEntry(classes.relativize(each).toString()));
        Files.copy(each, out);
        out.closeEntry();
      }
      return jar;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
