package io.lazaret.backdoor.elimination;

import io.lazaret.backdoor.Progress;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.ModelConfig;
import io.lazaret.problem.ProblemException;
import java.util.Set;
import java.util.function.Function;

/**
 * A method with a record of settings. One class may stand in the registry under several names, each
 * with settings of its own.
 *
 * @param <S> the settings
 */
public abstract class Recipe<S> implements EliminationMethod {

  private final String name;
  private final Set<Need> needs;
  private final Function<ModelConfig, S> defaults;

  /**
   * @param defaults settings fitted to a model
   */
  protected Recipe(String name, Set<Need> needs, Function<ModelConfig, S> defaults) {
    this.name = name;
    this.needs = needs;
    this.defaults = defaults;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final Set<Need> needs() {
    return needs;
  }

  @Override
  public final EliminationOutcome eliminate(
      CausalLm lm, EliminationInput input, long seed, Progress progress) {
    return eliminate(lm, input, defaults.apply(lm.config()), seed, progress);
  }

  /**
   * As {@link #eliminate(CausalLm, EliminationInput, long, Progress)} with given settings.
   *
   * @throws ProblemException as there
   */
  public final EliminationOutcome eliminate(
      CausalLm lm, EliminationInput input, S settings, long seed, Progress progress) {
    input.require(this, lm);
    return run(lm, input, settings, seed, progress);
  }

  /** The recipe itself; what it needs is there. */
  protected abstract EliminationOutcome run(
      CausalLm lm, EliminationInput input, S settings, long seed, Progress progress);
}
