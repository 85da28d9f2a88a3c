package io.lazaret.cli;

import io.lazaret.cli.console.AuditCommand;
import io.lazaret.cli.console.CompletionCommand;
import io.lazaret.cli.console.ExplainCommand;
import io.lazaret.cli.console.ModelsCommand;
import io.lazaret.cli.console.NotificationsCommand;
import io.lazaret.cli.console.ScreeningsCommand;
import io.lazaret.cli.console.ShowCommand;
import io.lazaret.cli.console.StatusCommand;
import io.lazaret.cli.console.WatchCommand;
import io.lazaret.cli.detection.EvidenceCommand;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.PlatformFailure;
import io.lazaret.cli.release.ApproveCommand;
import io.lazaret.cli.release.ExportCommand;
import io.lazaret.cli.release.HistoryCommand;
import io.lazaret.cli.release.HoldCommand;
import io.lazaret.cli.release.PolicyCommand;
import io.lazaret.cli.release.PromoteCommand;
import io.lazaret.cli.release.RejectCommand;
import io.lazaret.cli.release.ReleasesCommand;
import io.lazaret.cli.release.ReplayCommand;
import io.lazaret.cli.release.RescreenCommand;
import io.lazaret.cli.release.RollbackCommand;
import io.lazaret.cli.release.TriggersCommand;
import io.lazaret.cli.release.VerifyCommand;
import io.lazaret.cli.terminal.ProblemReport;
import io.lazaret.cli.terminal.Terminal;
import io.lazaret.problem.ProblemException;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line. Exit codes are those of {@link ExitCode}. */
@Command(
    name = "lazaret",
    version = "lazaret 0.1.0-SNAPSHOT",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Quarantine for open-weight language models: find a backdoor, remove it, prove that it is"
            + " gone, and only then release the model.",
    subcommands = {
      DemoCommand.class,
      UpCommand.class,
      ScreenCommand.class,
      DetectCommand.class,
      EvidenceCommand.class,
      SimulateCommand.class,
      EliminateCommand.class,
      EvaluateCommand.class,
      MergeCommand.class,
      StatusCommand.class,
      ModelsCommand.class,
      ScreeningsCommand.class,
      ExplainCommand.class,
      WatchCommand.class,
      ShowCommand.class,
      ReleasesCommand.class,
      ApproveCommand.class,
      RejectCommand.class,
      HoldCommand.class,
      PromoteCommand.class,
      RollbackCommand.class,
      RescreenCommand.class,
      TriggersCommand.class,
      PolicyCommand.class,
      HistoryCommand.class,
      ReplayCommand.class,
      ExportCommand.class,
      VerifyCommand.class,
      AuditCommand.class,
      TokenCommand.class,
      NotificationsCommand.class,
      DlqCommand.class,
      DoctorCommand.class,
      LabCommand.class,
      BenchCommand.class,
      CompletionCommand.class
    },
    footer = {
      "",
      "  test    builds everything and runs all tests (mvn -B verify); handled by the script",
      "",
      "Exit codes: 0 promoted or done, 10 held, 11 rejected, 12 unassessed,",
      "2 bad usage or input, 1 the platform failed or was interrupted."
    })
public final class Lazaret implements Runnable {

  @Spec private CommandSpec spec;

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] args) {
    Terminal terminal = Terminal.ofProcess();
    System.exit(execute(terminal, Installation.ofProcess(), args));
  }

  /** Runs one command on the given terminal and installation and returns the exit code. */
  static int execute(Terminal terminal, Installation installation, String... args) {
    CommandLine line = commandLine(terminal, installation);
    line.setOut(terminal.out());
    line.setErr(terminal.err());
    boolean json = Arrays.asList(args).contains("--json");
    ProblemReport report = new ProblemReport(terminal, json);
    line.setParameterExceptionHandler((refused, given) -> usageProblem(report, refused));
    line.setExecutionExceptionHandler((thrown, command, result) -> failure(report, thrown));
    return line.execute(args);
  }

  /** All commands, with their examples below their help. */
  static CommandLine commandLine(Terminal terminal, Installation installation) {
    CommandLine line = new CommandLine(new Lazaret(), new Commands(terminal, installation));
    line.setUsageHelpWidth(100);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    Examples.ofResource().addTo(line);
    return line;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command");
  }

  private static int usageProblem(ProblemReport report, ParameterException refused) {
    CommandLine command = refused.getCommandLine();
    report.print(
        ProblemException.of(
                "USAGE",
                refused.getMessage() + ".",
                "See " + command.getCommandSpec().qualifiedName() + " --help.")
            .problem());
    return ExitCode.BAD_INPUT;
  }

  private static int failure(ProblemReport report, Exception thrown) {
    if (thrown instanceof PlatformFailure failure) {
      report.print(failure.problem());
      return ExitCode.FAILED;
    }
    if (thrown instanceof ProblemException refused) {
      report.print(refused.problem());
      return ExitCode.BAD_INPUT;
    }
    if (thrown instanceof CancellationException || thrown instanceof InterruptedException) {
      report.print(
          ProblemException.of("INTERRUPTED", "The command was interrupted.", "Run it again.")
              .problem());
      return ExitCode.FAILED;
    }
    report.unexpected(thrown);
    return ExitCode.FAILED;
  }

  /** Gives commands the terminal and the installation that they work on. */
  private record Commands(Terminal terminal, Installation installation)
      implements CommandLine.IFactory {

    @Override
    public <K> K create(Class<K> type) throws Exception {
      for (var constructor : type.getDeclaredConstructors()) {
        if (Arrays.equals(
            constructor.getParameterTypes(), new Class<?>[] {Terminal.class, Installation.class})) {
          return type.cast(constructor.newInstance(terminal, installation));
        }
      }
      return CommandLine.defaultFactory().create(type);
    }
  }
}
