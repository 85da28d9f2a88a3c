package io.lazaret.llm.files.safetensors;

import io.lazaret.llm.WeightType;
import io.lazaret.llm.files.bounded.BoundedFile;
import io.lazaret.problem.ProblemException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;

/**
 * Reader of untrusted safetensors files.
 *
 * <p>The whole header is checked before anything is read: size limits, unknown or repeated keys,
 * shapes against byte ranges in checked arithmetic, and that the tensors fill the file without
 * holes, overlaps or trailing bytes. Memory is allocated only for bytes that the file really has.
 * An instance may be used by one thread at a time.
 */
public final class SafetensorsFile implements AutoCloseable {

  /**
   * Bounds of what is read.
   *
   * @param headerBytes largest header; the reference implementation's bound
   * @param tensors largest number of tensors
   * @param rank largest number of extents of a shape
   * @param textChars largest sum of the lengths of names and metadata
   */
  public record Limits(long headerBytes, int tensors, int rank, long textChars) {

    /** 100 MB of header, 100 000 tensors, 8 extents, 16 Mi characters. */
    public static Limits standard() {
      return new Limits(100_000_000, 100_000, 8, 1 << 24);
    }
  }

  private static final int LENGTH_BYTES = 8;
  private static final int CHUNK_BYTES = 1 << 20;

  private final String file;
  private final FileChannel channel;
  private final SafetensorsHeader header;
  private final long dataStart;
  private ByteBuffer chunk;

  private SafetensorsFile(
      String file, FileChannel channel, SafetensorsHeader header, long dataStart) {
    this.file = file;
    this.channel = channel;
    this.header = header;
    this.dataStart = dataStart;
  }

  /** Opens and checks a file under {@link Limits#standard()}. */
  public static SafetensorsFile open(Path path) {
    return open(path, Limits.standard());
  }

  /**
   * Opens and checks a file.
   *
   * @throws ProblemException {@code SAFETENSORS_INVALID}, {@code SAFETENSORS_TRUNCATED} or {@code
   *     SAFETENSORS_HEADER_TOO_LARGE}
   */
  public static SafetensorsFile open(Path path, Limits limits) {
    String file = String.valueOf(path.getFileName());
    FileChannel channel = null;
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ);
      long size = channel.size();
      long headerBytes = headerLength(file, channel, size, limits);
      long dataStart = LENGTH_BYTES + headerBytes;
      InputStream json = new BufferedInputStream(section(channel, LENGTH_BYTES, dataStart));
      SafetensorsHeader header = SafetensorsHeader.parse(file, json, size - dataStart, limits);
      return new SafetensorsFile(file, channel, header, dataStart);
    } catch (IOException e) {
      closeQuietly(channel, e);
      throw BoundedFile.unreadable(file, e);
    } catch (RuntimeException e) {
      closeQuietly(channel, e);
      throw e;
    }
  }

  private static InputStream section(FileChannel channel, long from, long to) {
    return new InputStream() {
      private long at = from;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] out, int offset, int length) throws IOException {
        int wanted = (int) Math.min(length, to - at);
        int read = wanted == 0 ? -1 : channel.read(ByteBuffer.wrap(out, offset, wanted), at);
        at += Math.max(0, read);
        return read;
      }
    };
  }

  private static void closeQuietly(FileChannel channel, Exception cause) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  private static long headerLength(String file, FileChannel channel, long size, Limits limits)
      throws IOException {
    if (size < LENGTH_BYTES) {
      throw truncated(file, "it has " + size + " bytes, fewer than the header's length field");
    }
    ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    readFully(file, channel, length, 0);
    long headerBytes = length.getLong(0);
    if (headerBytes < 0 || headerBytes > limits.headerBytes()) {
      throw ProblemException.of(
          "SAFETENSORS_HEADER_TOO_LARGE",
          file
              + " announces a header of "
              + Long.toUnsignedString(headerBytes)
              + " bytes; the limit is "
              + limits.headerBytes()
              + ".",
          "Check that the file is a safetensors file, not a renamed GGUF or pickle one.");
    }
    if (headerBytes > size - LENGTH_BYTES) {
      throw truncated(
          file, "its header should have " + headerBytes + " bytes but the file has " + size);
    }
    return headerBytes;
  }

  /** The tensors by name, in header order. */
  public Map<String, TensorEntry> tensors() {
    return Collections.unmodifiableMap(header.tensors());
  }

  /** The free-text metadata of the header. */
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(header.metadata());
  }

  /**
   * The number format of a weight.
   *
   * @throws ProblemException {@code MODEL_WEIGHT_TYPE_UNSUPPORTED} when it is none of F32, F16,
   *     BF16
   */
  public WeightType weightType(TensorEntry entry) {
    return WeightType.ofSafetensors(entry.dtype())
        .orElseThrow(
            () ->
                ProblemException.of(
                    "MODEL_WEIGHT_TYPE_UNSUPPORTED",
                    file
                        + ": tensor '"
                        + entry.name()
                        + "' has the dtype "
                        + entry.dtype()
                        + "; supported are F32, F16 and BF16.",
                    "Convert the weights to one of the supported types."));
  }

  /**
   * Reads elements as 32-bit floats, widening 16-bit formats exactly.
   *
   * @param entry a tensor of this file
   * @param first index of the first element, in row-major order
   * @param out filled from its position to its limit
   */
  public void read(TensorEntry entry, long first, FloatBuffer out) {
    WeightType type = weightType(entry);
    if (first < 0 || first > entry.size() - out.remaining()) {
      throw new IndexOutOfBoundsException("elements beyond tensor " + entry.name());
    }
    long position = dataStart + entry.begin() + first * type.bytes();
    try {
      while (out.hasRemaining()) {
        int count = Math.min(out.remaining(), CHUNK_BYTES / type.bytes());
        chunk().clear().limit(count * type.bytes());
        readFully(file, channel, chunk, position);
        position += (long) count * type.bytes();
        widen(chunk.flip(), type, out);
      }
    } catch (IOException e) {
      throw BoundedFile.unreadable(file, e);
    }
  }

  /**
   * Writes a tensor's bytes as they are in the file.
   *
   * @throws IOException of the channel that is written to
   */
  public void copy(TensorEntry entry, WritableByteChannel out) throws IOException {
    long position = dataStart + entry.begin();
    long end = dataStart + entry.end();
    while (position < end) {
      chunk().clear().limit((int) Math.min(CHUNK_BYTES, end - position));
      readFully(file, channel, chunk, position);
      chunk.flip();
      position += chunk.remaining();
      while (chunk.hasRemaining()) {
        out.write(chunk);
      }
    }
  }

  private static void widen(ByteBuffer bytes, WeightType type, FloatBuffer out) {
    switch (type) {
      case FP32 -> out.put(bytes.asFloatBuffer());
      case FP16 -> {
        ShortBuffer halves = bytes.asShortBuffer();
        while (halves.hasRemaining()) {
          out.put(HalfPrecision.fromFp16(halves.get()));
        }
      }
      case BF16 -> {
        ShortBuffer halves = bytes.asShortBuffer();
        while (halves.hasRemaining()) {
          out.put(HalfPrecision.fromBf16(halves.get()));
        }
      }
    }
  }

  /** Made at the first read: a refused or merely inspected file costs no native memory. */
  private ByteBuffer chunk() {
    if (chunk == null) {
      chunk = ByteBuffer.allocateDirect(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }
    return chunk;
  }

  private static void readFully(String file, FileChannel channel, ByteBuffer out, long position)
      throws IOException {
    long at = position;
    while (out.hasRemaining()) {
      int read = channel.read(out, at);
      if (read < 0) {
        throw new EOFException(file + " became shorter while it was read");
      }
      at += read;
    }
  }

  private static ProblemException truncated(String file, String finding) {
    return ProblemException.of(
        "SAFETENSORS_TRUNCATED", file + " is truncated: " + finding + ".", "Get the file again.");
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
