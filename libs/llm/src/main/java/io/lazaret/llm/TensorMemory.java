package io.lazaret.llm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.nio.FloatBuffer;

/**
 * Copies between Java and the native memory of float tensors, by slices: a buffer cannot span more
 * than 2 GiB.
 */
final class TensorMemory {

  /** Elements of a slice: 1 GiB. */
  static final long SLICE = 1L << 28;

  /** Takes or gives the part of a tensor that begins at an element. */
  interface Part {
    void at(long first, FloatBuffer elements);
  }

  private TensorMemory() {}

  /** Reads elements from {@code first} on, as many as {@code out} has room for. */
  static void read(NDArray array, long first, FloatBuffer out) {
    long end = first + out.remaining();
    forEachSlice(
        array,
        SLICE,
        (begin, elements) -> {
          long from = Math.max(first, begin);
          long to = Math.min(end, begin + elements.limit());
          if (from < to) {
            elements.position((int) (from - begin)).limit((int) (to - begin));
            out.put(elements);
          }
        });
  }

  /** Lets {@code part} see, and change, the whole tensor slice by slice. */
  static void forEachSlice(NDArray array, Part part) {
    forEachSlice(array, SLICE, part);
  }

  /** As {@link #forEachSlice(NDArray, Part)} with slices of at most {@code sliceElements}. */
  static void forEachSlice(NDArray array, long sliceElements, Part part) {
    long size = array.getShape().size();
    if (size <= sliceElements) {
      part.at(0, array.toByteBuffer(true).asFloatBuffer());
      return;
    }
    try (NDManager scope = array.getManager().newSubManager()) {
      NDArray flat = array.reshape(size);
      flat.attach(scope);
      for (long first = 0; first < size; first += sliceElements) {
        long end = Math.min(size, first + sliceElements);
        try (NDArray slice = flat.get(new NDIndex().addSliceDim(first, end))) {
          part.at(first, slice.toByteBuffer(true).asFloatBuffer());
        }
      }
    }
  }
}
