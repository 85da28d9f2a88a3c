package io.lazaret.llm.files;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.llm.WeightType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Writes safetensors files: tensors in name order, header padded to 8 bytes, data streamed. The
 * same tensors always give the same bytes.
 */
public final class SafetensorsWriter {

  /** Gives a tensor's elements, in row-major order, part by part. */
  public interface FloatSource {
    /** Fills {@code out} from its position to its limit, from element {@code first} on. */
    void read(long first, FloatBuffer out);
  }

  /** A tensor to write. */
  public record Tensor(String name, long[] shape, FloatSource source) {

    long size() {
      return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }
  }

  private static final int CHUNK_ELEMENTS = 1 << 18;
  private static final int ALIGNMENT = 8;

  private SafetensorsWriter() {}

  /**
   * Writes a new file.
   *
   * @param file must not exist yet
   * @param tensors the tensors, in any order
   * @param type number format for all of them
   * @param metadata free text for the header
   */
  public static void write(
      Path file, List<Tensor> tensors, WeightType type, Map<String, String> metadata)
      throws IOException {
    List<Tensor> sorted = new ArrayList<>(tensors);
    sorted.sort(Comparator.comparing(Tensor::name));
    byte[] header = header(sorted, type, metadata);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      writeFully(channel, length.putLong(0, header.length));
      writeFully(channel, ByteBuffer.wrap(header));
      for (Tensor tensor : sorted) {
        writeTensor(channel, tensor, type);
      }
      channel.force(true);
    }
  }

  private static byte[] header(List<Tensor> tensors, WeightType type, Map<String, String> metadata)
      throws IOException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (!metadata.isEmpty()) {
      metadata.forEach(json.putObject("__metadata__")::put);
    }
    long offset = 0;
    for (Tensor tensor : tensors) {
      ObjectNode entry = json.putObject(tensor.name()).put("dtype", type.safetensorsName());
      Arrays.stream(tensor.shape()).forEach(entry.putArray("shape")::add);
      long end = Math.addExact(offset, Math.multiplyExact(tensor.size(), type.bytes()));
      entry.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    StringBuilder text = new StringBuilder(JsonFile.mapper().writeValueAsString(json));
    while (text.toString().getBytes(StandardCharsets.UTF_8).length % ALIGNMENT != 0) {
      text.append(' ');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void writeTensor(FileChannel channel, Tensor tensor, WeightType type)
      throws IOException {
    FloatBuffer floats = FloatBuffer.allocate(CHUNK_ELEMENTS);
    ByteBuffer bytes =
        ByteBuffer.allocate(CHUNK_ELEMENTS * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    long size = tensor.size();
    for (long first = 0; first < size; first += CHUNK_ELEMENTS) {
      int count = (int) Math.min(CHUNK_ELEMENTS, size - first);
      tensor.source().read(first, floats.clear().limit(count));
      narrow(floats.flip(), type, bytes.clear().limit(count * type.bytes()));
      writeFully(channel, bytes);
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

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
