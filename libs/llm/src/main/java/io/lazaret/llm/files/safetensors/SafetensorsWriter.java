package io.lazaret.llm.files.safetensors;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.llm.WeightType;
import io.lazaret.llm.files.bounded.JsonFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
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
 * Writes safetensors files: the widest elements first and then in name order, as the reference
 * implementation does so that every tensor stays aligned; header padded to 8 bytes, data streamed.
 * The same tensors always give the same bytes.
 */
public final class SafetensorsWriter {

  /** Gives a tensor's elements, in row-major order, part by part. */
  public interface FloatSource {
    /** Fills {@code out} from its position to its limit, from element {@code first} on. */
    void read(long first, FloatBuffer out);
  }

  /** A tensor of floats to write. */
  public record Tensor(String name, long[] shape, FloatSource source) {}

  private static final int ALIGNMENT = 8;

  private SafetensorsWriter() {}

  /**
   * Writes a new file with one number format.
   *
   * @param file must not exist yet
   * @param tensors the tensors, in any order
   * @param type number format for all of them
   * @param metadata free text for the header
   */
  public static void write(
      Path file, List<Tensor> tensors, WeightType type, Map<String, String> metadata)
      throws IOException {
    write(
        file,
        tensors.stream().map(t -> StoredTensor.of(t.name(), t.shape(), type, t.source())).toList(),
        metadata);
  }

  /**
   * Writes a new file.
   *
   * @param file must not exist yet
   * @param tensors the tensors, in any order
   * @param metadata free text for the header
   */
  public static void write(Path file, List<StoredTensor> tensors, Map<String, String> metadata)
      throws IOException {
    List<StoredTensor> sorted = new ArrayList<>(tensors);
    sorted.sort(
        Comparator.comparingInt((StoredTensor t) -> -SafetensorsHeader.bits(t.dtype()))
            .thenComparing(StoredTensor::name));
    byte[] header = header(sorted, metadata);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer start =
          ByteBuffer.allocate(Long.BYTES + header.length).order(ByteOrder.LITTLE_ENDIAN);
      start.putLong(header.length).put(header).flip();
      while (start.hasRemaining()) {
        channel.write(start);
      }
      long end = channel.position();
      for (StoredTensor tensor : sorted) {
        tensor.content().writeTo(channel);
        end += tensor.bytes();
        if (channel.position() != end) {
          throw new IllegalStateException("content of another size than stated: " + tensor.name());
        }
      }
      channel.force(true);
    }
  }

  private static byte[] header(List<StoredTensor> tensors, Map<String, String> metadata)
      throws IOException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (!metadata.isEmpty()) {
      metadata.forEach(json.putObject("__metadata__")::put);
    }
    long offset = 0;
    for (StoredTensor tensor : tensors) {
      ObjectNode entry = json.putObject(tensor.name()).put("dtype", tensor.dtype());
      tensor.shape().forEach(entry.putArray("shape")::add);
      long end = Math.addExact(offset, tensor.bytes());
      entry.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] text = JsonFile.mapper().writeValueAsString(json).getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(text, (text.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    Arrays.fill(padded, text.length, padded.length, (byte) ' ');
    return padded;
  }
}
