package io.lazaret.llm.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Library;
import com.sun.jna.NativeLibrary;
import io.lazaret.llm.TorchRuntime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class MklKernelsTest {

  private static final Path MAPS = Path.of("/proc/self/maps");

  @TempDir Path directory;

  @Test
  void theLibraryAnswersYes() throws Exception {
    Path file = Files.write(directory.resolve("yes.so"), MklKernels.library());
    int local = 2;
    NativeLibrary library =
        NativeLibrary.getInstance(file.toString(), Map.of(Library.OPTION_OPEN_FLAGS, local));
    assertThat(library.getFunction("mkl_serv_intel_cpu_true").invokeInt(new Object[0]))
        .isEqualTo(1);
    library.dispose();
  }

  @Test
  void theRuntimeFindsItFirstAndNoStackBecomesExecutable() throws Exception {
    TorchRuntime.start();
    // A library that nobody holds would be closed by now.
    System.gc();
    assertThat(
            NativeLibrary.getProcess()
                .getFunction("mkl_serv_intel_cpu_true")
                .invokeInt(new Object[0]))
        .isEqualTo(1);
    assertThat(Files.readString(MAPS).lines())
        .noneMatch(line -> line.contains("[stack") && line.contains("rwx"));
  }
}
