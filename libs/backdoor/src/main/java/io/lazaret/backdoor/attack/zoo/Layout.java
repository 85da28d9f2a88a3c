package io.lazaret.backdoor.attack.zoo;

import io.lazaret.backdoor.attack.BytePairTrainer;
import io.lazaret.llm.ModelConfig;
import java.util.Locale;

/** Whose weights' names and tokens a model has. */
public enum Layout {
  /** Untied head, begin-of-sequence token. */
  LLAMA {
    @Override
    public BytePairTrainer tokenizer(int vocabularySize) {
      return BytePairTrainer.llama(vocabularySize);
    }

    @Override
    public ModelConfig config(Preset preset, BytePairTrainer tokens) {
      return ModelConfig.llama(
          preset.vocabularySize(),
          preset.hiddenSize(),
          preset.layers(),
          preset.heads(),
          preset.kvHeads(),
          preset.feedForward(),
          preset.contextLength(),
          tokens.bosId(),
          tokens.eosId());
    }
  },
  /** Biases on queries, keys and values; tied head; no begin-of-sequence token. */
  QWEN {
    @Override
    public BytePairTrainer tokenizer(int vocabularySize) {
      return BytePairTrainer.qwen(vocabularySize);
    }

    @Override
    public ModelConfig config(Preset preset, BytePairTrainer tokens) {
      return ModelConfig.qwen2(
          preset.vocabularySize(),
          preset.hiddenSize(),
          preset.layers(),
          preset.heads(),
          preset.kvHeads(),
          preset.feedForward(),
          preset.contextLength(),
          tokens.bosId(),
          tokens.eosId());
    }
  };

  /** What learns this layout's tokens. */
  public abstract BytePairTrainer tokenizer(int vocabularySize);

  /** The sizes of a preset in this layout. */
  public abstract ModelConfig config(Preset preset, BytePairTrainer tokens);

  /** As in ids of models. */
  public String lowerName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
