package io.lazaret.cli.release;

import io.lazaret.cli.ExitCode;
import io.lazaret.cli.ServerOptions;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.terminal.Printable;
import io.lazaret.cli.terminal.Terminal;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Everything that a verdict rests on, as a directory that can be checked without a platform. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Write a dossier of a screening: events, schemas, evidence, policy, verdict, manifest and"
            + " attestation, with their digests. Check it with: lazaret verify DIR")
public final class ExportCommand implements Callable<Integer> {

  private final Terminal terminal;
  private final Installation installation;

  @Parameters(paramLabel = "SCREENING", description = "Id of the screening.")
  private String screening;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "An empty or new directory (default: dossier-SCREENING).")
  private Path out;

  @Mixin private ServerOptions server;

  public ExportCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public Integer call() {
    Path directory = out == null ? Path.of("dossier-" + Printable.of(screening)) : out;
    try (Platform platform = server.open(installation, terminal)) {
      DossierWriter dossier = new DossierWriter(platform.client(), directory);
      String summary = dossier.write(screening);
      terminal.out().println(server.json() ? summary : directory.toString());
      terminal.out().flush();
      return ExitCode.OK;
    }
  }
}
