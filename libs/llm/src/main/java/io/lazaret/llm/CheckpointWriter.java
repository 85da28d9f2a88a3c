package io.lazaret.llm;

import io.lazaret.llm.files.NewDirectory;
import io.lazaret.llm.files.ShardWriter;
import io.lazaret.llm.files.config.ConfigFile;
import io.lazaret.llm.files.safetensors.StoredTensor;
import io.lazaret.llm.tensor.NativeParameter;
import io.lazaret.llm.tensor.TensorMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes a model directory beside its final place and moves it there in one step. */
final class CheckpointWriter {

  private final ModelConfig config;
  private final List<Parameter> parameters;
  private final Map<String, WeightType> storedTypes;
  private final WeightType modelType;
  private final Map<String, byte[]> files;

  /**
   * @param storedTypes number formats that weights were read in, by name
   * @param modelType number format of weights that are not among them, and of config.json
   * @param files text files by name that travel with the weights; may hold the config.json that the
   *     model was read from
   */
  CheckpointWriter(
      ModelConfig config,
      List<Parameter> parameters,
      Map<String, WeightType> storedTypes,
      WeightType modelType,
      Map<String, byte[]> files) {
    this.config = config;
    this.parameters = parameters;
    this.storedTypes = storedTypes;
    this.modelType = modelType;
    this.files = files;
  }

  void write(Path dir, SaveSettings settings) {
    NewDirectory.write(dir, made -> writeFiles(made, settings));
  }

  private void writeFiles(Path dir, SaveSettings settings) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      if (!file.getKey().equals(ConfigFile.NAME)) {
        Files.write(dir.resolve(file.getKey()), file.getValue());
      }
    }
    WeightType stated = settings.type() == null ? modelType : settings.type();
    Files.write(
        dir.resolve(ConfigFile.NAME), ConfigFile.bytes(config, stated, files.get(ConfigFile.NAME)));
    List<StoredTensor> tensors = new ArrayList<>();
    for (Parameter parameter : parameters) {
      WeightType type =
          settings.type() == null
              ? storedTypes.getOrDefault(parameter.name(), modelType)
              : settings.type();
      tensors.add(
          StoredTensor.of(
              parameter.name(),
              parameter.shape(),
              type,
              (first, out) ->
                  TensorMemory.read(NativeParameter.of(parameter).array(), first, out)));
    }
    ShardWriter.write(dir, tensors, settings.shardBytes());
  }
}
