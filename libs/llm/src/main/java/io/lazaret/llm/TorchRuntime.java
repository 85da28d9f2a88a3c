package io.lazaret.llm;

import io.lazaret.llm.tensor.NativeRuntime;
import io.lazaret.problem.ProblemException;

/**
 * The one native tensor runtime of the process.
 *
 * <p>It starts by itself on first use, never touches the network, and uses {@code lazaret.threads}
 * threads (default: {@code OMP_NUM_THREADS}, else two, or one where there is only one core): for
 * passes side by side, or for each operation of a large one.
 */
public final class TorchRuntime {

  /** System property with the number of threads. */
  public static final String THREADS_PROPERTY = "lazaret.threads";

  /** Environment variable that counts when the property is not set. */
  public static final String THREADS_VARIABLE = "OMP_NUM_THREADS";

  /** System property with the device: {@code cpu} (the default), {@code cuda} or {@code cuda:1}. */
  public static final String DEVICE_PROPERTY = "lazaret.device";

  /** Environment variable that counts when the property is not set. */
  public static final String DEVICE_VARIABLE = "LAZARET_DEVICE";

  private TorchRuntime() {}

  /**
   * Loads the native libraries, once; later calls do nothing.
   *
   * @throws ProblemException {@code ENGINE_UNAVAILABLE} when they cannot be loaded, {@code
   *     DEVICE_UNKNOWN} or {@code DEVICE_UNAVAILABLE} for a device that is not there
   */
  public static void start() {
    NativeRuntime.start();
  }

  /**
   * Sets the thread-local switches of the native runtime for the calling thread. Every entry of the
   * engine does so by itself; call it before the first timing of a thread.
   */
  public static void prepareThread() {
    NativeRuntime.prepareThread();
  }

  /** Sets the number of threads that tensor operations use, for the whole process. */
  public static void setThreads(int threads) {
    NativeRuntime.setThreads(threads);
  }

  /** Versions of the tensor library and of the matrix library inside, where it tells. */
  public static String libraries() {
    return NativeRuntime.libraries();
  }

  /** Version and flavour of the library, device and threads, for a person. */
  public static String description() {
    return NativeRuntime.description();
  }
}
