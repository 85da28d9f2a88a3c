package io.lazaret.llm.files.safetensors;

import java.util.List;

/**
 * A tensor as a safetensors header states it.
 *
 * @param name name of the tensor
 * @param dtype number format in the header's spelling, e.g. {@code BF16}
 * @param shape extents, outermost first; empty for a scalar
 * @param begin first byte, counted from the end of the header
 * @param end byte after the last one
 */
public record TensorEntry(String name, String dtype, List<Long> shape, long begin, long end) {

  public TensorEntry {
    shape = List.copyOf(shape);
  }

  /** Number of elements. */
  public long size() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }
}
