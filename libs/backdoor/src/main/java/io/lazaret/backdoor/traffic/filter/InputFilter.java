package io.lazaret.backdoor.traffic.filter;

import java.util.List;

/** Tells prompts that hold a trigger from others, one by one. */
public interface InputFilter extends AutoCloseable {

  /** The name in the literature. */
  String name();

  /**
   * One score per prompt, in order; the higher, the likelier a trigger. Only the order of scores of
   * one model means anything. Every prompt must fit into the context.
   */
  double[] scores(List<String> prompts);

  /** Frees what the filter holds; the model stays open. */
  @Override
  default void close() {}
}
