package io.lazaret.llm.files.safetensors;

import io.lazaret.llm.WeightType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.List;

/**
 * A tensor to write, in the bytes that the file will hold.
 *
 * @param name name of the tensor
 * @param dtype number format in the header's spelling, e.g. {@code BF16}
 * @param shape extents, outermost first
 * @param bytes size of the content
 * @param content gives the content, exactly {@code bytes} long
 */
public record StoredTensor(
    String name, String dtype, List<Long> shape, long bytes, Content content) {

  /** Gives a tensor's bytes, little-endian and row-major. */
  public interface Content {
    void writeTo(WritableByteChannel out) throws IOException;
  }

  /** Elements that are converted at a time. */
  static final int CHUNK_ELEMENTS = 1 << 18;

  public StoredTensor {
    shape = List.copyOf(shape);
  }

  /** Floats, written in a number format with rounding to nearest even. */
  public static StoredTensor of(
      String name, long[] shape, WeightType type, SafetensorsWriter.FloatSource source) {
    return of(name, shape, type, source, CHUNK_ELEMENTS);
  }

  static StoredTensor of(
      String name,
      long[] shape,
      WeightType type,
      SafetensorsWriter.FloatSource source,
      int chunkElements) {
    long size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    return new StoredTensor(
        name,
        type.safetensorsName(),
        Arrays.stream(shape).boxed().toList(),
        Math.multiplyExact(size, type.bytes()),
        out -> narrow(source, size, type, chunkElements, out));
  }

  private static void narrow(
      SafetensorsWriter.FloatSource source,
      long size,
      WeightType type,
      int chunkElements,
      WritableByteChannel out)
      throws IOException {
    int room = (int) Math.min(chunkElements, size);
    FloatBuffer floats = FloatBuffer.allocate(room);
    ByteBuffer bytes = ByteBuffer.allocate(room * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (long first = 0; first < size; first += room) {
      int count = (int) Math.min(room, size - first);
      source.read(first, floats.clear().limit(count));
      narrow(floats.flip(), type, bytes.clear().limit(count * type.bytes()));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    }
  }

  private static void narrow(FloatBuffer in, WeightType type, ByteBuffer out) {
    ShortBuffer halves = out.asShortBuffer();
    switch (type) {
      case FP32 -> out.asFloatBuffer().put(in);
      case FP16 -> {
        while (in.hasRemaining()) {
          halves.put(HalfPrecision.toFp16(in.get()));
        }
      }
      case BF16 -> {
        while (in.hasRemaining()) {
          halves.put(HalfPrecision.toBf16(in.get()));
        }
      }
    }
  }
}
