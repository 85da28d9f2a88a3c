package io.lazaret.llm.files;

import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.arch.Attention;
import io.lazaret.llm.arch.FeedForward;
import io.lazaret.llm.arch.Norm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Names and shapes of the weights that a configuration calls for, in the order of the engine. */
public final class WeightLayout {

  /** A weight: its name in the file, its shape and what it does. */
  public record Weight(String name, long[] shape, Role role) {

    /** Number of elements. */
    public long size() {
      long product = 1;
      for (long extent : shape) {
        product = Math.multiplyExact(product, extent);
      }
      return product;
    }
  }

  private final ModelConfig config;
  private final Map<Role, long[]> first = new LinkedHashMap<>();
  private final Map<Role, long[]> layer = new LinkedHashMap<>();

  /** The layout of a configuration. */
  public WeightLayout(ModelConfig config) {
    this.config = config;
    first.put(Role.EMBEDDING, new long[] {config.vocabSize(), config.hiddenSize()});
    if (config.rope().learned()) {
      first.put(Role.POSITIONS, new long[] {config.contextLength(), config.hiddenSize()});
    }
    putNorm(first, Role.FINAL_NORM, Role.FINAL_NORM_BIAS);
    putAttention();
    putFeedForward();
  }

  /** The weights before the layers, those of the layers in order, and a head that is not tied. */
  public static List<Weight> of(ModelConfig config) {
    return new WeightLayout(config).weights();
  }

  /**
   * Whether a file may hold this tensor although the layout does not call for it: a second copy of
   * a tied head, a mask, rotary frequencies. Its values are not read.
   */
  public static boolean superfluous(ModelConfig config, String name) {
    return WeightNames.constant(config, name)
        || config.tiedHead() && name.equals(WeightNames.of(config, Role.HEAD, 0));
  }

  /**
   * The configuration with the prefix that a file's tensors really have: files saved from a bare
   * decoder, as the first GPT-2, have none.
   */
  public static ModelConfig prefixed(ModelConfig config, Set<String> names) {
    ModelConfig bare = config.withPrefix("");
    boolean usual = names.contains(WeightNames.of(config, Role.EMBEDDING, 0));
    return !usual && names.contains(WeightNames.of(bare, Role.EMBEDDING, 0)) ? bare : config;
  }

  /** As {@link #of}. */
  public List<Weight> weights() {
    List<Weight> weights = new ArrayList<>();
    first.forEach((role, shape) -> weights.add(weight(role, 0, shape)));
    for (int i = 0; i < config.layers(); i++) {
      int number = i;
      layer.forEach((role, shape) -> weights.add(weight(role, number, shape)));
    }
    if (!config.tiedHead()) {
      long[] shape = {config.vocabSize(), config.hiddenSize()};
      weights.add(weight(Role.HEAD, 0, shape));
    }
    return List.copyOf(weights);
  }

  private Weight weight(Role role, int number, long[] shape) {
    return new Weight(WeightNames.of(config, role, number), shape, role);
  }

  /** Index of the first weight of the first layer. */
  public int firstLayer() {
    return first.size();
  }

  /** Number of weights of a layer. */
  public int stride() {
    return layer.size();
  }

  /** Whether the layout has weights of a role. */
  public boolean has(Role role) {
    return first.containsKey(role) || layer.containsKey(role) || role == Role.HEAD;
  }

  /**
   * Index of a role's weight: among all weights, or, for a role of layers, within its layer. The
   * head of a tied model is its embedding.
   */
  public int index(Role role) {
    if (role == Role.HEAD) {
      return config.tiedHead() ? 0 : first.size() + config.layers() * layer.size();
    }
    Map<Role, long[]> part = first.containsKey(role) ? first : layer;
    int index = List.copyOf(part.keySet()).indexOf(role);
    if (index < 0) {
      throw new IllegalArgumentException(config.architecture() + " has no " + role);
    }
    return index;
  }

  private void putAttention() {
    Attention attention = config.attention();
    long hidden = config.hiddenSize();
    long queries = (long) config.heads() * config.headDim();
    long keys = (long) config.kvHeads() * config.headDim();
    boolean bias = attention.qkvBias();
    putNorm(layer, Role.ATTENTION_NORM, Role.ATTENTION_NORM_BIAS);
    if (attention.layout() == Attention.Layout.SEPARATE) {
      putMap(Role.QUERY, Role.QUERY_BIAS, bias, queries, hidden);
      putMap(Role.KEY, Role.KEY_BIAS, bias, keys, hidden);
      putMap(Role.VALUE, Role.VALUE_BIAS, bias, keys, hidden);
    } else {
      putMap(Role.QKV, Role.QKV_BIAS, bias, queries + 2 * keys, hidden);
    }
    if (attention.headNorms()) {
      layer.put(Role.QUERY_NORM, new long[] {config.headDim()});
      layer.put(Role.KEY_NORM, new long[] {config.headDim()});
    }
    putMap(Role.OUTPUT, Role.OUTPUT_BIAS, attention.outputBias(), hidden, queries);
    if (config.norm().sandwich()) {
      layer.put(Role.AFTER_ATTENTION_NORM, new long[] {hidden});
    }
  }

  private void putFeedForward() {
    FeedForward feed = config.feedForward();
    long hidden = config.hiddenSize();
    long inner = config.intermediateSize();
    putNorm(layer, Role.FEED_NORM, Role.FEED_NORM_BIAS);
    switch (feed.gate()) {
      case NONE -> putMap(Role.UP, Role.UP_BIAS, feed.bias(), inner, hidden);
      case SEPARATE -> {
        putMap(Role.GATE, Role.GATE_BIAS, feed.bias(), inner, hidden);
        putMap(Role.UP, Role.UP_BIAS, feed.bias(), inner, hidden);
      }
      case STACKED -> layer.put(Role.GATE_UP, new long[] {2 * inner, hidden});
    }
    putMap(Role.DOWN, Role.DOWN_BIAS, feed.bias(), hidden, inner);
    if (config.norm().sandwich()) {
      layer.put(Role.AFTER_FEED_NORM, new long[] {hidden});
    }
  }

  private void putNorm(Map<Role, long[]> part, Role weight, Role bias) {
    part.put(weight, new long[] {config.hiddenSize()});
    if (config.norm().kind() == Norm.Kind.LAYER) {
      part.put(bias, new long[] {config.hiddenSize()});
    }
  }

  private void putMap(Role weight, Role bias, boolean hasBias, long out, long in) {
    layer.put(weight, config.transposed() ? new long[] {in, out} : new long[] {out, in});
    if (hasBias) {
      layer.put(bias, new long[] {out});
    }
  }
}
