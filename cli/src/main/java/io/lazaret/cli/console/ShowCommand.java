package io.lazaret.cli.console;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.cli.ExitCode;
import io.lazaret.cli.ServerOptions;
import io.lazaret.cli.console.Listing.Column;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.platform.PlatformClient;
import io.lazaret.cli.terminal.Printable;
import io.lazaret.cli.terminal.Terminal;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Single things of the platform, as it keeps them. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = "Show one thing: a model, events, curves, an attestation, a key.")
public final class ShowCommand implements Runnable {

  private final Terminal terminal;
  private final Installation installation;

  @Spec private CommandSpec spec;

  public ShowCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command");
  }

  @Command(
      name = "model",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Everything about a model: channels, policy, what may be done, as JSON.")
  int model(
      @Parameters(paramLabel = "MODEL", description = "Name of the model.") String model,
      @Mixin ServerOptions server) {
    return document(server, "api/models/" + segment(model), Map.of());
  }

  @Command(
      name = "events",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "The events of a screening, oldest first.")
  int events(
      @Parameters(paramLabel = "SCREENING", description = "Id of the screening.") String screening,
      @Mixin LimitOption limit,
      @Mixin ServerOptions server) {
    try (Platform platform = server.open(installation, terminal)) {
      Listing.print(
          terminal,
          server.json(),
          Listing.read(
              platform.client(),
              "api/screenings/" + segment(screening) + "/events",
              Map.of("order", "asc"),
              limit.limit()),
          Column.of("AT", "/at"),
          Column.of("#", "/sequence"),
          Column.of("TYPE", "/type"),
          Column.of("WHAT", "/summary"));
      return ExitCode.OK;
    }
  }

  @Command(
      name = "curves",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "The loss curves of a screening's trainings, as JSON.")
  int curves(
      @Parameters(paramLabel = "SCREENING", description = "Id of the screening.") String screening,
      @Mixin ServerOptions server) {
    return document(server, "api/screenings/" + segment(screening) + "/curves", Map.of());
  }

  @Command(
      name = "attestation",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "The signed attestation of a release (DSSE), as JSON.")
  int attestation(
      @Parameters(paramLabel = "MODEL", description = "Name of the model.") String model,
      @Option(
              names = "--channel",
              paramLabel = "NAME",
              defaultValue = "production",
              description = "The release channel (default: production).")
          String channel,
      @Option(
              names = "--revision",
              paramLabel = "N",
              required = true,
              description = "Revision of the channel; see: lazaret releases")
          long revision,
      @Mixin ServerOptions server) {
    return document(
        server,
        "api/releases/attestation",
        Map.of("model", model, "channel", channel, "revision", String.valueOf(revision)));
  }

  @Command(
      name = "key",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "A public key that attestations are checked with, as PEM text.")
  int key(
      @Parameters(paramLabel = "ID", description = "keyid of the attestation.") String id,
      @Mixin ServerOptions server) {
    try (Platform platform = server.open(installation, terminal)) {
      byte[] pem = platform.client().bytes("api/releases/keys/" + segment(id), Map.of());
      String text = new String(pem, java.nio.charset.StandardCharsets.US_ASCII).strip();
      if (server.json()) {
        terminal
            .out()
            .println(
                com.fasterxml.jackson.databind.node.JsonNodeFactory.instance
                    .objectNode()
                    .put("pem", text));
      } else {
        text.lines().map(Printable::of).forEach(terminal.out()::println);
      }
      terminal.out().flush();
      return ExitCode.OK;
    }
  }

  private int document(ServerOptions server, String path, Map<String, String> query) {
    try (Platform platform = server.open(installation, terminal)) {
      PlatformClient client = platform.client();
      JsonNode answer = client.read(path, query);
      // Jackson escapes control characters; what else moves a cursor is escaped here.
      terminal.out().println(server.json() ? answer : JsonText.printable(answer));
      terminal.out().flush();
      return ExitCode.OK;
    }
  }

  /** The client encodes what lies between slashes: a name must not bring slashes of its own. */
  private static String segment(String name) {
    return Segments.one(name);
  }
}
