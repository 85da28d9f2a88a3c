package io.lazaret.llm.tensor;

import com.sun.jna.Library;
import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Name and version of the matrix library (MKL) that is linked into libtorch. */
final class MatrixLibrary {

  private static final String TORCH = "libtorch_cpu.so";
  private static final Path LOADED = Path.of("/proc/self/maps");
  private static final int LENGTH = 200;

  private MatrixLibrary() {}

  /** As the library says it; empty where it is not MKL, or not on Linux. */
  static Optional<String> version() {
    return torch().flatMap(MatrixLibrary::version);
  }

  private static Optional<Path> torch() {
    try (Stream<String> lines = Files.lines(LOADED)) {
      return lines
          .filter(line -> line.endsWith("/" + TORCH))
          .map(line -> Path.of(line.substring(line.indexOf('/'))))
          .findFirst();
    } catch (IOException notLinux) {
      return Optional.empty();
    }
  }

  private static Optional<String> version(Path torch) {
    int lazyLocal = 1;
    try {
      // Loaded already; this only counts one user more.
      NativeLibrary library =
          NativeLibrary.getInstance(torch.toString(), Map.of(Library.OPTION_OPEN_FLAGS, lazyLocal));
      byte[] text = new byte[LENGTH];
      library.getFunction("MKL_Get_Version_String").invokeVoid(new Object[] {text, LENGTH});
      return Optional.of(new String(text, StandardCharsets.US_ASCII).split("\0")[0].strip());
    } catch (LinkageError notMkl) {
      return Optional.empty();
    }
  }
}
