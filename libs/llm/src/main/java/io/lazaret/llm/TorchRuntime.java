package io.lazaret.llm;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;

/**
 * The one native tensor runtime of the process.
 *
 * <p>It starts by itself on first use, never touches the network, and uses {@code lazaret.threads}
 * threads per operation (default: {@code OMP_NUM_THREADS}, else two, or one where there is only one
 * core).
 */
public final class TorchRuntime {

  /** System property with the number of threads per operation. */
  public static final String THREADS_PROPERTY = "lazaret.threads";

  /** Environment variable that counts when the property is not set. */
  public static final String THREADS_VARIABLE = "OMP_NUM_THREADS";

  private static final int DEFAULT_THREADS = 2;

  private static boolean started;

  private TorchRuntime() {}

  /**
   * Loads the native libraries, once; later calls do nothing.
   *
   * @throws ProblemException {@code ENGINE_UNAVAILABLE} when they cannot be loaded
   */
  public static synchronized void start() {
    if (started) {
      return;
    }
    System.setProperty("ai.djl.offline", "true");
    MklKernels.open();
    try {
      Engine.getEngine("PyTorch");
    } catch (RuntimeException | LinkageError e) {
      throw new ProblemException(
          Problem.of(
              "ENGINE_UNAVAILABLE",
              "The native tensor libraries could not be loaded: " + e.getMessage(),
              "Run on linux x86-64 with a writable home directory, or set DJL_CACHE_DIR."),
          e);
    }
    started = true;
    setThreads(defaultThreads());
  }

  private static int defaultThreads() {
    String openMp = System.getenv(THREADS_VARIABLE);
    int usual = Math.min(DEFAULT_THREADS, Runtime.getRuntime().availableProcessors());
    boolean given = openMp != null && openMp.matches("[1-9][0-9]{0,2}");
    return Integer.getInteger(THREADS_PROPERTY, given ? Integer.parseInt(openMp) : usual);
  }

  /**
   * Sets the thread-local switches of the native runtime for the calling thread. Every entry of
   * this package does so by itself; call it before the first timing of a thread.
   */
  public static void prepareThread() {
    start();
    JniUtils.setGraphExecutorOptimize(false);
    JniUtils.setGradMode(false);
  }

  /** Sets the number of threads that one tensor operation uses, for the whole process. */
  public static void setThreads(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1 but is " + threads);
    }
    start();
    JniUtils.setNumThreads(threads);
  }

  /** A new owner of arrays; the caller closes it. */
  static NDManager newManager() {
    start();
    return NDManager.newBaseManager("PyTorch");
  }
}
