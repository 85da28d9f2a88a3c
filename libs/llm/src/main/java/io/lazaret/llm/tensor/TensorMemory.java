package io.lazaret.llm.tensor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.nio.FloatBuffer;

/**
 * Copies between Java and the native memory of float tensors, by slices: a buffer cannot span more
 * than 2 GiB. Tensors in the memory of a GPU pass through a copy in main memory.
 */
public final class TensorMemory {

  /** Elements of a slice: 1 GiB. */
  public static final long SLICE = 1L << 28;

  /** Takes or gives the part of a tensor that begins at an element. */
  public interface Part {
    void at(long first, FloatBuffer elements);
  }

  private TensorMemory() {}

  /** Reads elements from {@code first} on, as many as {@code out} has room for. */
  public static void read(NDArray array, long first, FloatBuffer out) {
    long end = first + out.remaining();
    forEachSlice(
        array,
        SLICE,
        isDirect(array),
        false,
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
  public static void forEachSlice(NDArray array, Part part) {
    forEachSlice(array, SLICE, isDirect(array), true, part);
  }

  /** Lets {@code part} see the whole tensor in slices of at most {@code sliceElements}. */
  public static void readSlices(NDArray array, long sliceElements, Part part) {
    forEachSlice(array, sliceElements, isDirect(array), false, part);
  }

  private static boolean isDirect(NDArray array) {
    return array.getDevice().equals(Device.cpu());
  }

  /**
   * @param direct whether Java can address the tensor's memory
   * @param changes whether what {@code part} writes has to reach the tensor
   */
  public static void forEachSlice(
      NDArray array, long sliceElements, boolean direct, boolean changes, Part part) {
    long size = array.getShape().size();
    if (direct && size <= sliceElements) {
      part.at(0, array.toByteBuffer(true).asFloatBuffer());
      return;
    }
    try (NDManager scope = array.getManager().newSubManager()) {
      NDArray flat = array.reshape(size);
      flat.attach(scope);
      for (long first = 0; first < size; first += sliceElements) {
        NDIndex range = new NDIndex().addSliceDim(first, Math.min(size, first + sliceElements));
        try (NDArray slice = flat.get(range)) {
          if (direct) {
            part.at(first, slice.toByteBuffer(true).asFloatBuffer());
          } else {
            try (NDArray copy = inMainMemory(slice)) {
              part.at(first, copy.toByteBuffer(true).asFloatBuffer());
              if (changes) {
                putBack(flat, range, copy);
              }
            }
          }
        }
      }
    }
  }

  /** A copy; moving to the device where an array is already would give the same memory. */
  private static NDArray inMainMemory(NDArray slice) {
    return isDirect(slice) ? slice.duplicate() : slice.toDevice(Device.cpu(), true);
  }

  private static void putBack(NDArray flat, NDIndex range, NDArray copy) {
    try (NDArray there = copy.toDevice(flat.getDevice(), false)) {
      flat.set(range, there);
    }
  }
}
