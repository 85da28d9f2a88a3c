package io.lazaret.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lazaret.cli.doctor.Doctor;
import io.lazaret.cli.doctor.Finding;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.terminal.Printable;
import io.lazaret.cli.terminal.Terminal;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What is missing or misconfigured, and the next step. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Tell what is missing or misconfigured on this machine, and the next step.",
    footer = {"", "Exit codes: 0 nothing that prevents work, 2 something does."})
final class DoctorCommand implements Callable<Integer> {

  private final Terminal terminal;
  private final Installation installation;

  @Mixin private DeviceOption device;
  @Mixin private PlatformOptions options;
  @Mixin private JsonOption answer;

  DoctorCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public Integer call() {
    boolean failed = false;
    ArrayNode findings = JsonNodeFactory.instance.arrayNode();
    for (Supplier<Finding> check :
        Doctor.checks(installation, options.dataDirectory(installation), options.checkedPort())) {
      Finding finding = check.get();
      failed |= finding.state() == Finding.State.FAIL;
      if (answer.json) {
        findings
            .addObject()
            .put("state", finding.state().name())
            .put("what", finding.what())
            .put("detail", finding.detail())
            .put("nextStep", finding.nextStep());
      } else {
        show(finding);
      }
    }
    if (answer.json) {
      terminal.out().println(findings);
      terminal.out().flush();
    }
    return failed ? ExitCode.BAD_INPUT : ExitCode.OK;
  }

  private void show(Finding finding) {
    terminal.out().println(line(finding));
    if (!finding.nextStep().isEmpty()) {
      terminal.out().println("      next: " + Printable.of(finding.nextStep()));
    }
    terminal.out().flush();
  }

  private String line(Finding finding) {
    String state = finding.state().name().toLowerCase(Locale.ROOT);
    String padded = String.format(Locale.ROOT, "%-4s", state);
    String coloured =
        switch (finding.state()) {
          case OK -> terminal.green(padded);
          case WARN -> terminal.yellow(padded);
          case FAIL -> terminal.red(padded);
        };
    return coloured + "  " + finding.what() + ": " + Printable.of(finding.detail());
  }
}
