package io.lazaret.llm.files;

import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.WeightType;
import java.util.List;

/**
 * What a model directory holds.
 *
 * @param architecture the architecture's name
 * @param parameters number of weights; a tied head counts once
 * @param config the configuration
 * @param weightType number format of the weights
 * @param files the directory's files, relative, sorted, with '/' between names
 * @param weightFiles those of them that hold the weights, sorted
 */
public record ModelSummary(
    String architecture,
    long parameters,
    ModelConfig config,
    WeightType weightType,
    List<String> files,
    List<String> weightFiles) {

  public ModelSummary {
    files = List.copyOf(files);
    weightFiles = List.copyOf(weightFiles);
  }
}
