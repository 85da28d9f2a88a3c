package io.lazaret.cli;

import io.lazaret.llm.TorchRuntime;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where the tensors of a command are computed, and those of a platform that it starts. */
final class DeviceOption {

  private static final String NAMES = "cpu|cuda(:[0-9]{1,3})?";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description =
          "Where tensors are computed: cpu, cuda or cuda:N (default: "
              + TorchRuntime.DEVICE_VARIABLE
              + " of the environment, else cpu).")
  void use(String device) {
    if (!device.matches(NAMES)) {
      throw new ParameterException(
          command.commandLine(), "--device is '" + device + "', not cpu, cuda or cuda:N");
    }
    System.setProperty(TorchRuntime.DEVICE_PROPERTY, device);
  }
}
