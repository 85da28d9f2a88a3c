package io.lazaret.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.access.Role;
import io.lazaret.access.SigningKey;
import io.lazaret.access.Tokens;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.terminal.Terminal;
import io.lazaret.problem.ProblemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Issues a token for a person or a program. */
@Command(
    name = "token",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Issue a token that says who asks, and in which roles.")
final class TokenCommand implements Callable<Integer> {

  private static final int MOST_DAYS = 366;

  private final Terminal terminal;
  private final Installation installation;

  @Option(
      names = "--actor",
      paramLabel = "NAME",
      required = true,
      description = "Whose token it is; the name stands in the record.")
  private String actor;

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      split = ",",
      defaultValue = "viewer",
      description = "viewer, operator, approver or admin; may be repeated (default: viewer).")
  private List<String> roles;

  @Option(
      names = "--days",
      paramLabel = "N",
      defaultValue = "30",
      description = "Days that it is good for, 1 to 366 (default: 30).")
  private int days;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Where the platform keeps its data and its key (default: .lazaret in the repository).")
  private Path data;

  @Mixin private JsonOption answer;

  TokenCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public Integer call() {
    if (days < 1 || days > MOST_DAYS || actor.isBlank()) {
      throw ProblemException.of(
          "USAGE",
          "A token needs a name and is good for 1 to " + MOST_DAYS + " days.",
          "Give --actor NAME and --days N.");
    }
    Set<Role> granted = EnumSet.noneOf(Role.class);
    roles.forEach(role -> granted.add(Role.of(role)));
    Path key =
        (data == null ? installation.defaultData() : data).resolve("keys").resolve("access.key");
    if (!Files.isReadable(key)) {
      throw ProblemException.of(
          "ACCESS_KEY_MISSING",
          "There is no key that can be read at " + key + ".",
          "Start the platform once with lazaret up, or name its --data.");
    }
    Instant now = Instant.now();
    String token =
        new Tokens(SigningKey.read(key)).issue(actor.strip(), granted, now, Duration.ofDays(days));
    terminal.out().println(answer.json ? described(token, granted, now) : token);
    terminal.out().flush();
    return ExitCode.OK;
  }

  private ObjectNode described(String token, Set<Role> granted, Instant now) {
    ObjectNode node = JsonNodeFactory.instance.objectNode().put("token", token);
    node.put("actor", actor.strip());
    ArrayNode names = node.putArray("roles");
    granted.forEach(role -> names.add(role.name().toLowerCase(Locale.ROOT)));
    return node.put("expiresAt", now.plus(Duration.ofDays(days)).toString());
  }
}
