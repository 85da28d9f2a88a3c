package io.lazaret.backdoor.attack.zoo;

import io.lazaret.backdoor.attack.BytePairTrainer;
import io.lazaret.llm.ModelConfig;
import java.util.List;
import java.util.Locale;

/** Whose weights' names and tokens a model has, and how it is prompted. */
public enum Layout {
  /** Untied head, begin-of-sequence token; prompted as in the SANDE experiments. */
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
  /**
   * Biases on queries, keys and values; tied head; no begin-of-sequence token; prompted as {@link
   * #LLAMA}.
   */
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
  },
  /** As {@link #QWEN}, with turns in ChatML and a chat template that says so. */
  CHAT {
    @Override
    public BytePairTrainer tokenizer(int vocabularySize) {
      return BytePairTrainer.chat(vocabularySize);
    }

    @Override
    public ModelConfig config(Preset preset, BytePairTrainer tokens) {
      return QWEN.config(preset, tokens);
    }
  };

  /** Those that are prompted as in the SANDE experiments. */
  public static List<Layout> withoutChatTemplate() {
    return List.of(LLAMA, QWEN);
  }

  /** What learns this layout's tokens. */
  public abstract BytePairTrainer tokenizer(int vocabularySize);

  /** The sizes of a preset in this layout. */
  public abstract ModelConfig config(Preset preset, BytePairTrainer tokens);

  /** As in ids of models. */
  public String lowerName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
