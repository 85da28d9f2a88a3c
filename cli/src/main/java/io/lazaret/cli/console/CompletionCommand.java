package io.lazaret.cli.console;

import io.lazaret.cli.ExitCode;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A script that teaches a shell the commands and options. */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Print a completion script for the shell.")
public final class CompletionCommand implements Callable<Integer> {

  /** Shells that a script can be made for. */
  enum Shell {
    bash,
    zsh
  }

  private final Terminal terminal;

  @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
  private Shell shell;

  @Spec private CommandSpec spec;

  public CompletionCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (shell == Shell.zsh) {
      // The script is for bash; this lets zsh run it.
      terminal.out().println("autoload -U +X compinit && compinit");
      terminal.out().println("autoload -U +X bashcompinit && bashcompinit");
    }
    terminal.out().print(AutoComplete.bash("lazaret", spec.root().commandLine()));
    terminal.out().println("complete -F _complete_lazaret -o default ./lazaret");
    terminal.out().flush();
    return ExitCode.OK;
  }
}
