package io.lazaret.llm.tensor;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.lazaret.llm.TorchRuntime;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;

/** The tensor library of the process: {@link TorchRuntime} with the types of the library. */
public final class NativeRuntime {

  private static final int DEFAULT_THREADS = 2;

  private static boolean started;
  private static Device device;
  private static volatile int threads = 1;

  private NativeRuntime() {}

  /** As {@link TorchRuntime#start}. */
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
    Engine engine = Engine.getEngine("PyTorch");
    boolean cuda = engine.hasCapability(StandardCapabilities.CUDA);
    device = device(deviceSetting(), cuda, cuda ? engine.getGpuCount() : 0);
    started = true;
    setThreads(defaultThreads());
  }

  private static int defaultThreads() {
    String openMp = System.getenv(TorchRuntime.THREADS_VARIABLE);
    int usual = Math.min(DEFAULT_THREADS, Runtime.getRuntime().availableProcessors());
    boolean given = openMp != null && openMp.matches("[1-9][0-9]{0,2}");
    return Integer.getInteger(
        TorchRuntime.THREADS_PROPERTY, given ? Integer.parseInt(openMp) : usual);
  }

  /** As {@link TorchRuntime#prepareThread}. */
  public static void prepareThread() {
    start();
    JniUtils.setGraphExecutorOptimize(false);
    JniUtils.setGradMode(false);
  }

  /** As {@link TorchRuntime#setThreads}. */
  public static void setThreads(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1 but is " + threads);
    }
    start();
    NativeRuntime.threads = threads;
    JniUtils.setNumThreads(threads);
  }

  /** Threads of the process's operations. */
  static int threads() {
    start();
    return threads;
  }

  static boolean onGpu() {
    start();
    return device.isGpu();
  }

  /** A new owner of arrays on the process's device; the caller closes it. */
  public static NDManager newManager() {
    start();
    return NDManager.newBaseManager(device, "PyTorch");
  }

  /** As {@link TorchRuntime#libraries}. */
  public static String libraries() {
    start();
    String torch = "libtorch " + Engine.getEngine("PyTorch").getVersion();
    return MatrixLibrary.version().map(mkl -> torch + ", " + mkl).orElse(torch);
  }

  /** As {@link TorchRuntime#description}. */
  public static String description() {
    start();
    Engine engine = Engine.getEngine("PyTorch");
    boolean cuda = engine.hasCapability(StandardCapabilities.CUDA);
    return "libtorch "
        + engine.getVersion()
        + (cuda ? " with CUDA, " + engine.getGpuCount() + " GPUs" : " for CPU")
        + ", device "
        + name(device)
        + ", "
        + JniUtils.getNumThreads()
        + " threads";
  }

  private static String name(Device device) {
    return device.isGpu() ? "cuda:" + device.getDeviceId() : "cpu";
  }

  private static String deviceSetting() {
    String variable = System.getenv(TorchRuntime.DEVICE_VARIABLE);
    return System.getProperty(
        TorchRuntime.DEVICE_PROPERTY, variable == null || variable.isBlank() ? "cpu" : variable);
  }

  /**
   * The device of a setting.
   *
   * @param cuda whether the library can use GPUs
   * @param gpus number of GPUs that it sees
   * @throws ProblemException {@code DEVICE_UNKNOWN} or {@code DEVICE_UNAVAILABLE}
   */
  static Device device(String setting, boolean cuda, int gpus) {
    if (setting.equals("cpu")) {
      return Device.cpu();
    }
    if (!setting.matches("cuda(:[0-9]{1,3})?")) {
      throw ProblemException.of(
          "DEVICE_UNKNOWN",
          "There is no device '" + setting + "'.",
          "Name cpu, cuda or cuda:N with "
              + TorchRuntime.DEVICE_PROPERTY
              + " or "
              + TorchRuntime.DEVICE_VARIABLE
              + ".");
    }
    int index = setting.equals("cuda") ? 0 : Integer.parseInt(setting.substring(5));
    if (!cuda) {
      throw ProblemException.of(
          "DEVICE_UNAVAILABLE",
          "The device " + setting + " is asked for, but the tensor library is one for CPU.",
          "Install a libtorch with CUDA as docs/gpu.md tells, or choose the device cpu.");
    }
    if (index >= gpus) {
      throw ProblemException.of(
          "DEVICE_UNAVAILABLE",
          "The device " + setting + " is asked for, but the tensor library sees " + gpus + " GPUs.",
          "Check nvidia-smi and CUDA_VISIBLE_DEVICES, or choose another device.");
    }
    return Device.gpu(index);
  }
}
