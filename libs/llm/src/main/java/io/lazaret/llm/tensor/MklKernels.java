package io.lazaret.llm.tensor;

import com.sun.jna.Library;
import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Lets the matrix library inside libtorch (MKL) use the AVX-512 kernels on processors of any maker.
 *
 * <p>MKL asks its own public function {@code mkl_serv_intel_cpu_true} whether to look at what the
 * processor can do or to take kernels of an older instruction set; on AMD Zen 5 the latter have
 * less than half the speed. A shared library of one function that says yes, loaded with global
 * symbols before libtorch, is what the dynamic linker finds first. The processor's own feature
 * flags still decide which instructions are used. See ADR 0035.
 */
final class MklKernels {

  /** System property: {@code false} leaves MKL's own choice; default {@code true}. */
  static final String PROPERTY = "lazaret.mkl.allKernels";

  private static final String SYMBOL = "mkl_serv_intel_cpu_true";
  private static final int PAGE = 4_096;
  private static final int GNU_STACK = 0x6474e551;

  /** ELF header and four program headers come first. */
  private static final int TABLES = 64 + 4 * 56;

  private static final int SYMBOLS = TABLES + 8;
  private static final int HASH = SYMBOLS + 2 * 24;
  private static final int STRINGS = HASH + 24;
  private static final int CODE = STRINGS + 40;

  /** mov eax, 1; ret. */
  private static final byte[] YES = {(byte) 0xb8, 1, 0, 0, 0, (byte) 0xc3};

  /** Held for ever: JNA closes a library that nothing refers to, and MKL would ask itself again. */
  private static NativeLibrary answer;

  private MklKernels() {}

  /** Loads the answer; on another system or where it cannot be loaded, nothing changes. */
  static void open() {
    boolean linux = System.getProperty("os.name").equals("Linux");
    boolean x86 = System.getProperty("os.arch").equals("amd64");
    if (!linux || !x86 || !Boolean.parseBoolean(System.getProperty(PROPERTY, "true"))) {
      return;
    }
    Path file = null;
    try {
      file = Files.createTempFile("lazaret-mkl", ".so");
      Files.write(file, library());
      int globalNow = 0x102;
      answer =
          NativeLibrary.getInstance(file.toString(), Map.of(Library.OPTION_OPEN_FLAGS, globalNow));
    } catch (IOException | LinkageError e) {
      // A temporary directory that allows no programs: slower, not wrong.
      System.getLogger(MklKernels.class.getName())
          .log(System.Logger.Level.DEBUG, "MKL keeps its own choice of kernels", e);
    } finally {
      delete(file);
    }
  }

  private static void delete(Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      file.toFile().deleteOnExit();
    }
  }

  /** A shared library for x86-64 with one exported function (System V ABI, ELF-64). */
  static byte[] library() {
    ByteBuffer out = ByteBuffer.allocate(PAGE + 6 * 16).order(ByteOrder.LITTLE_ENDIAN);
    out.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0);
    // Shared object, x86-64, version 1; no entry; program headers follow this header.
    out.putShort((short) 3).putShort((short) 62).putInt(1).putLong(0).putLong(64).putLong(0);
    out.putInt(0).putShort((short) 64).putShort((short) 56).putShort((short) 4);
    out.putShort((short) 64).putShort((short) 0).putShort((short) 0);
    segment(out, 1, 5, 0, PAGE, PAGE);
    // The linker writes addresses into the dynamic table, hence a writable segment.
    segment(out, 1, 6, PAGE, 6 * 16, PAGE);
    segment(out, 2, 6, PAGE, 6 * 16, 8);
    // Without this header the stacks of all threads would be made executable.
    segment(out, GNU_STACK, 6, 0, 0, 16);
    out.position(SYMBOLS + 24);
    // Name at 1, global function, visible, any section, address, size.
    out.putInt(1).put((byte) 0x12).put((byte) 0).putShort((short) 1).putLong(CODE).putLong(6);
    out.position(HASH);
    out.putInt(1).putInt(2).putInt(1).putInt(0).putInt(0);
    out.position(STRINGS + 1);
    out.put(SYMBOL.getBytes(StandardCharsets.US_ASCII));
    out.position(CODE);
    out.put(YES);
    out.position(PAGE);
    // Hash, strings, symbols, size of the strings, size of a symbol, end.
    out.putLong(4).putLong(HASH).putLong(5).putLong(STRINGS).putLong(6).putLong(SYMBOLS);
    out.putLong(10).putLong(SYMBOL.length() + 2).putLong(11).putLong(24).putLong(0).putLong(0);
    return out.array();
  }

  private static void segment(
      ByteBuffer out, int type, int flags, long offset, long size, long alignment) {
    out.putInt(type).putInt(flags).putLong(offset).putLong(offset).putLong(offset);
    out.putLong(size).putLong(size).putLong(alignment);
  }
}
