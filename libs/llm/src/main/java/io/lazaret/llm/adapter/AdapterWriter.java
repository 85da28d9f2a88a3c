package io.lazaret.llm.adapter;

import io.lazaret.llm.WeightType;
import io.lazaret.llm.files.NewDirectory;
import io.lazaret.llm.files.safetensors.SafetensorsWriter;
import io.lazaret.llm.files.safetensors.StoredTensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes adapter directories that PEFT loads. */
public final class AdapterWriter {

  private AdapterWriter() {}

  /**
   * Writes an adapter; the directory appears complete or not at all.
   *
   * @param dir must not exist yet, or be empty
   * @param type number format of the factors
   * @param transposed whether the base stores its layers' matrices as [in, out] (GPT-2)
   * @throws io.lazaret.problem.ProblemException {@code OUTPUT_EXISTS} or {@code WRITE_FAILED}
   */
  public static void write(Path dir, LoraAdapter adapter, WeightType type, boolean transposed) {
    NewDirectory.write(
        dir,
        made -> {
          Files.write(
              made.resolve(AdapterConfigFile.NAME),
              AdapterConfigFile.bytes(adapter.config(), transposed));
          SafetensorsWriter.write(
              made.resolve(AdapterDirectory.WEIGHTS),
              tensors(adapter, type),
              Map.of("format", "pt"));
        });
  }

  private static List<StoredTensor> tensors(LoraAdapter adapter, WeightType type) {
    List<StoredTensor> tensors = new ArrayList<>();
    adapter
        .factors()
        .forEach(
            (weight, f) -> {
              tensors.add(matrix(weight, true, f.rank(), f.inputs(), f.a(), type));
              tensors.add(matrix(weight, false, f.outputs(), f.rank(), f.b(), type));
            });
    return tensors;
  }

  private static StoredTensor matrix(
      String weight, boolean a, long rows, long columns, float[] values, WeightType type) {
    return StoredTensor.of(
        AdapterDirectory.tensorName(weight, a),
        new long[] {rows, columns},
        type,
        (first, out) -> out.put(values, (int) first, out.remaining()));
  }
}
