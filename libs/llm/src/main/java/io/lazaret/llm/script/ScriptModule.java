package io.lazaret.llm.script;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Lock;

/**
 * A TorchScript module in memory whose methods are called with arrays.
 *
 * <p>Every call sets the thread-local state of libtorch that it needs, so calls may come from any
 * thread. Results belong to the manager of the first argument. While the process is ending, calls
 * throw {@link java.util.concurrent.CancellationException}.
 */
public final class ScriptModule implements AutoCloseable {

  /** How autograd treats a call. */
  public enum Mode {
    /** No autograd at all; results can never take part in a gradient. Fastest. */
    INFERENCE,
    /** Autograd records the operations. */
    GRADIENT,
    /** Ordinary tensors, nothing recorded: for changing weights in place. */
    UPDATE
  }

  private final PtSymbolBlock block;

  private ScriptModule(PtSymbolBlock block) {
    this.block = block;
  }

  /**
   * Loads module text from memory.
   *
   * @param manager owner of the native module
   * @param className class in the text
   * @param source TorchScript text
   * @param listAttributes the {@code List[Tensor]} attributes of the class
   */
  public static ScriptModule load(
      NDManager manager, String className, String source, List<String> listAttributes) {
    byte[] archive = ScriptArchive.of(className, source, listAttributes);
    try {
      return new ScriptModule(
          JniUtils.loadModule(
              (PtNDManager) manager, new ByteArrayInputStream(archive), false, false));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Calls a method with single-tensor arguments.
   *
   * @return the results, nested ones flattened, owned by the manager of the first argument
   */
  public NDList call(String method, Mode mode, NDArray... arguments) {
    return invoke(method, mode, new NDList(arguments));
  }

  /**
   * Calls a method whose last arguments are tensor lists, in the iteration order of the map. The
   * call names the arrays while it runs, so an array may not be in two such calls at once.
   */
  public NDList call(
      String method, Mode mode, List<NDArray> arguments, Map<String, List<NDArray>> lists) {
    NDList all = new NDList(arguments);
    lists.forEach(
        (name, arrays) ->
            arrays.forEach(
                array -> {
                  array.setName(name + "[]");
                  all.add(array);
                }));
    try {
      return invoke(method, mode, all);
    } finally {
      lists.values().forEach(arrays -> arrays.forEach(array -> array.setName(null)));
    }
  }

  private NDList invoke(String method, Mode mode, NDList arguments) {
    Lock gate = NativeGate.ofProcess().enter();
    try {
      return run(method, mode, arguments);
    } finally {
      gate.unlock();
    }
  }

  private NDList run(String method, Mode mode, NDList arguments) {
    JniUtils.setGraphExecutorOptimize(false);
    JniUtils.setGradMode(mode == Mode.GRADIENT);
    try (NDArray selector = arguments.get(0).getManager().create(0f)) {
      selector.setName("module_method:" + method);
      arguments.add(selector);
      return IValueUtils.forward(block, arguments, mode != Mode.INFERENCE);
    } catch (EngineException e) {
      throw EngineProblems.of(method, e);
    }
  }

  @Override
  public void close() {
    block.close();
  }
}
