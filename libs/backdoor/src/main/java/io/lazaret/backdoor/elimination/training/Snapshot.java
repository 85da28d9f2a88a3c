package io.lazaret.backdoor.elimination.training;

import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Parameter;
import java.util.List;

/** Weights kept aside, to go back to. */
public final class Snapshot implements AutoCloseable {

  private final CausalLm kept;

  private Snapshot(CausalLm kept) {
    this.kept = kept;
  }

  /** The weights as they are now. */
  public static Snapshot of(CausalLm lm) {
    return new Snapshot(lm.copy());
  }

  /** The kept weights as a model; closed with this. */
  public CausalLm model() {
    return kept;
  }

  /** Keeps the weights as they are now. */
  public void update(CausalLm lm) {
    copy(lm, kept);
  }

  /** Gives the kept weights back. */
  public void restore(CausalLm lm) {
    copy(kept, lm);
  }

  private static void copy(CausalLm from, CausalLm to) {
    List<Parameter> source = from.parameters();
    List<Parameter> sink = to.parameters();
    for (int i = 0; i < source.size(); i++) {
      sink.get(i).set(source.get(i).values());
    }
  }

  @Override
  public void close() {
    kept.close();
  }
}
