package io.lazaret.cli.inputs;

import io.lazaret.backdoor.data.KnownTriggerFile;
import io.lazaret.backdoor.data.MultipleChoiceFile;
import io.lazaret.backdoor.data.PromptFile;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.llm.chat.ChatTemplate;
import io.lazaret.llm.files.ModelDirectory;
import io.lazaret.llm.files.ModelSummary;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Refuses what the platform would refuse, before a platform is started: in a second instead of a
 * minute. The platform checks everything again.
 */
public final class InputCheck {

  /** A policy is a page of settings. */
  private static final long LARGEST_POLICY_BYTES = 1 << 20;

  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9][A-Za-z0-9._-]{0,95})?");

  private InputCheck() {}

  /** What the user gave; null for what was left out. */
  public record Given(
      Path directory,
      Path prompts,
      Path evaluation,
      Path multipleChoice,
      Path scoringTriggers,
      String template,
      Path policy,
      String name,
      long seed) {}

  /**
   * Checks everything that is given.
   *
   * @throws ProblemException of the reader that refuses; MODEL_NAME_INVALID, POLICY_UNREADABLE,
   *     PROMPT_TOO_LONG
   */
  public static ScreeningInputs check(Given given) {
    String name = name(given);
    ModelSummary model = ModelDirectory.inspect(given.directory());
    PromptTemplate template =
        PromptTemplate.of(
            given.template(),
            given.template() == null ? ChatTemplate.read(given.directory()) : Optional.empty());
    String policy = given.policy() == null ? null : policy(given.policy());
    PromptLengths lengths =
        new PromptLengths(given.directory(), model.config().contextLength(), template);
    lengths.check(given.prompts(), PromptFile.read(given.prompts()));
    if (given.evaluation() != null) {
      lengths.check(given.evaluation(), PromptFile.read(given.evaluation()));
    }
    if (given.multipleChoice() != null) {
      MultipleChoiceFile.read(given.multipleChoice());
    }
    if (given.scoringTriggers() != null) {
      KnownTriggerFile.read(given.scoringTriggers());
    }
    return new ScreeningInputs(
        name,
        given.directory(),
        model,
        given.prompts(),
        given.evaluation(),
        given.multipleChoice(),
        given.scoringTriggers(),
        given.template(),
        policy,
        given.seed());
  }

  private static String name(Given given) {
    if (given.name() == null) {
      Path last = given.directory().toAbsolutePath().normalize().getFileName();
      String name = last == null ? "" : last.toString().replaceAll("[^A-Za-z0-9._-]", "-");
      return NAME.matcher(name).matches() ? name : "model";
    }
    if (!NAME.matcher(given.name()).matches()) {
      throw ProblemException.of(
          "MODEL_NAME_INVALID",
          "The model name \"" + given.name() + "\" cannot be used.",
          "Give up to 96 letters, digits, '.', '_' and '-', optionally an owner and '/' before it.");
    }
    return given.name();
  }

  private static String policy(Path file) {
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > LARGEST_POLICY_BYTES) {
        throw ProblemException.of(
            "POLICY_UNREADABLE",
            file + " is not a policy file.",
            "Give a YAML or JSON file of at most 1 MiB.");
      }
      String text = Files.readString(file);
      Policy.parse(text);
      return text;
    } catch (IOException e) {
      throw ProblemException.of(
          "POLICY_UNREADABLE",
          file + " cannot be read: " + e.getMessage() + ".",
          "Check that it is UTF-8 text and its permissions.");
    }
  }
}
