package io.lazaret.bench.engine;

import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Parameter;
import io.lazaret.llm.files.ModelDirectory;
import io.lazaret.llm.files.safetensors.SafetensorsFile;
import io.lazaret.llm.files.safetensors.TensorEntry;
import java.nio.file.Path;

/** Opening and validating a checkpoint. */
final class CheckpointWork {

  private CheckpointWork() {}

  /** Opens the file, which checks its header by all rules, and counts the elements. */
  static double header(Path model) {
    try (SafetensorsFile file = SafetensorsFile.open(model.resolve(ModelDirectory.WEIGHTS))) {
      return file.tensors().values().stream().mapToDouble(TensorEntry::size).sum();
    }
  }

  /** Opens the model, which reads every tensor into memory and checks that all are finite. */
  static double load(Path model) {
    try (CausalLm lm = CausalLm.open(model)) {
      return lm.parameters().stream().mapToLong(Parameter::size).sum();
    }
  }
}
