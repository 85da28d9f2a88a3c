package io.lazaret.cli;

import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.terminal.Terminal;
import io.lazaret.llm.adapter.AdapterMerge;
import io.lazaret.llm.files.ShardWriter;
import io.lazaret.problem.ProblemException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes a model that can be screened of a base and an adapter. */
@Command(
    name = "merge",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Merge a LoRA adapter into its base model, so that the result can be screened.")
final class MergeCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Option(
      names = "--base",
      paramLabel = "DIR",
      required = true,
      description =
          "The base model's directory; the one that the adapter names is never looked for.")
  private Path base;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      required = true,
      description = "The adapter's directory, as PEFT writes it.")
  private Path adapter;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Where the merged model goes; must not exist yet, or be empty.")
  private Path out;

  @Option(
      names = "--shard-bytes",
      paramLabel = "N",
      description = "Largest weight file (default: 5000000000).")
  private long shardBytes = ShardWriter.SHARD_BYTES;

  MergeCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (shardBytes < 1) {
      throw ProblemException.of(
          "USAGE", "--shard-bytes is " + shardBytes + ".", "Give a size of at least 1 byte.");
    }
    int merged = AdapterMerge.merge(base, adapter, out, shardBytes);
    terminal.note("Merged " + merged + " weights into " + out);
    return ExitCode.OK;
  }
}
