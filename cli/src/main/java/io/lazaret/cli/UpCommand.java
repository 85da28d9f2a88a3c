package io.lazaret.cli;

import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.platform.PlatformFailure;
import io.lazaret.cli.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The platform, empty, until Ctrl-C. */
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Start the platform on this machine and keep it up until Ctrl-C.")
final class UpCommand implements Callable<Integer> {

  private final Terminal terminal;
  private final Installation installation;

  @Mixin private DeviceOption device;
  @Mixin private PlatformOptions options;

  UpCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public Integer call() throws InterruptedException {
    try (Platform platform = options.open(installation, terminal)) {
      terminal.out().println(platform.client().base());
      terminal.out().flush();
      if (platform.isOwn()) {
        terminal.note("Console: " + platform.client().page(""));
        terminal.note("Screen a model with: lazaret screen MODEL_DIR --prompts P.jsonl");
        terminal.note("Ctrl-C ends the platform.");
        platform.await();
        if (platform.hasDied()) {
          throw new PlatformFailure(platform.death());
        }
      }
      return ExitCode.OK;
    }
  }
}
