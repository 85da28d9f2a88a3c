package io.lazaret.llm.tensor;

import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Threads on which passes that do not depend on each other run side by side. Each computes with one
 * thread per operation: what several threads do within a small operation does not pay for waking
 * them.
 */
public final class Lanes {

  /**
   * Multiplications below which one thread is faster than several that wake for each operation:
   * measured with models of 1.3 million weights on two cores, where a gradient of 360 positions
   * takes 1.7 times as long with two threads and one of 5 800 positions 0.8 times.
   */
  private static final double SMALL = 2e9;

  private static ThreadPoolExecutor threads;

  private Lanes() {}

  /** Passes that may run at once: as many as the runtime has threads; one on a GPU. */
  public static int count() {
    return NativeRuntime.onGpu() ? 1 : NativeRuntime.threads();
  }

  /** What of so many rows each of the passes gets that run at once. */
  public static int share(int rows) {
    return (rows + count() - 1) / count();
  }

  /**
   * Runs all passes, the i-th on side i modulo {@link #count()}; those of a side come one after the
   * other. Waits for all sides even when one of them fails: arrays that others use would be closed
   * under them.
   *
   * @param pass takes a pass and its side's number
   */
  public static <T> void run(List<T> passes, ObjIntConsumer<T> pass) {
    int count = Math.min(count(), passes.size());
    if (count <= 1 || onLane()) {
      passes.forEach(one -> pass.accept(one, 0));
      return;
    }
    Executor executor = threads();
    CompletableFuture<?>[] running =
        IntStream.range(0, count)
            .mapToObj(
                side ->
                    CompletableFuture.runAsync(
                        () -> {
                          for (int i = side; i < passes.size(); i += count) {
                            pass.accept(passes.get(i), side);
                          }
                        },
                        executor))
            .toArray(CompletableFuture[]::new);
    joined(CompletableFuture.allOf(running));
  }

  /**
   * Runs one pass where it is fastest: on a lane, if it is small.
   *
   * @param multiplications of the pass, about
   */
  public static <T> T run(double multiplications, Supplier<T> pass) {
    if (count() == 1 || !isSmall(multiplications) || onLane()) {
      return pass.get();
    }
    return joined(CompletableFuture.supplyAsync(pass, threads()));
  }

  private static <T> T joined(CompletableFuture<T> running) {
    try {
      return running.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException problem) {
        throw problem;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e;
    }
  }

  /** Whether a pass of so many multiplications is slower with several threads than with one. */
  public static boolean isSmall(double multiplications) {
    return multiplications < SMALL;
  }

  private static boolean onLane() {
    return Thread.currentThread() instanceof Lane;
  }

  private static synchronized Executor threads() {
    if (threads == null || threads.getCorePoolSize() != count()) {
      if (threads != null) {
        threads.shutdown();
      }
      threads = started(count());
    }
    return threads;
  }

  private static ThreadPoolExecutor started(int lanes) {
    CountDownLatch ready = new CountDownLatch(lanes);
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            lanes,
            lanes,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> new Lane(task, ready));
    pool.prestartAllCoreThreads();
    try {
      ready.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // A lane's number has become that of threads to come.
    NativeRuntime.setThreads(NativeRuntime.threads());
    return pool;
  }

  private static final class Lane extends Thread {
    private final CountDownLatch ready;

    Lane(Runnable task, CountDownLatch ready) {
      super(task, "lazaret-lane");
      this.ready = ready;
      setDaemon(true);
    }

    @Override
    public void run() {
      // The library gives a thread the process's number when it is first asked for it.
      JniUtils.getNumThreads();
      JniUtils.setNumThreads(1);
      ready.countDown();
      super.run();
    }
  }
}
