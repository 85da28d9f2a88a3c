package io.lazaret.llm.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lazaret.llm.TorchRuntime;
import io.lazaret.problem.ProblemException;
import org.junit.jupiter.api.Test;

class DeviceTest {

  private static void refused(String setting, boolean cuda, int gpus, String code, String next) {
    assertThatThrownBy(() -> NativeRuntime.device(setting, cuda, gpus))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem().code()).isEqualTo(code);
              assertThat(e.problem().nextStep()).contains(next);
            });
  }

  @Test
  void aDeviceIsNamedByOneSetting() {
    assertThat(NativeRuntime.device("cpu", false, 0)).isEqualTo(Device.cpu());
    assertThat(NativeRuntime.device("cuda", true, 1)).isEqualTo(Device.gpu(0));
    assertThat(NativeRuntime.device("cuda:2", true, 3)).isEqualTo(Device.gpu(2));
  }

  @Test
  void aMissingDeviceComesWithTheNextStep() {
    refused("cuda", false, 0, "DEVICE_UNAVAILABLE", "docs/gpu.md");
    refused("cuda:1", true, 1, "DEVICE_UNAVAILABLE", "nvidia-smi");
    refused("tpu", true, 1, "DEVICE_UNKNOWN", "cuda:N");
    refused("cuda:-1", true, 1, "DEVICE_UNKNOWN", "cuda:N");
  }

  @Test
  void memoryThatJavaCannotAddressPassesThroughACopy() {
    TorchRuntime.prepareThread();
    try (NDManager manager = NativeRuntime.newManager()) {
      NDArray array = manager.arange(10f).reshape(2, 5);
      TensorMemory.forEachSlice(
          array,
          3,
          false,
          true,
          (first, elements) -> {
            assertThat(elements.get(0)).isEqualTo((float) first);
            while (elements.hasRemaining()) {
              elements.put(100 + first + elements.position());
            }
          });
      assertThat(array.toFloatArray())
          .containsExactly(100, 101, 102, 103, 104, 105, 106, 107, 108, 109);
      TensorMemory.forEachSlice(array, 4, false, false, (first, elements) -> elements.put(0, -1));
      assertThat(array.toFloatArray()).doesNotContain(-1f);
    }
  }

  @Test
  void theRuntimeTellsItsLibraries() {
    assertThat(TorchRuntime.libraries())
        .matches("libtorch 2\\.7\\.1, .*Math Kernel Library Version [0-9.]+.*");
  }

  @Test
  void theRuntimeTellsWhatItRunsOn() {
    assertThat(TorchRuntime.description())
        .matches("libtorch 2\\.[0-9.]+.* for CPU, device cpu, [0-9]+ threads");
  }
}
