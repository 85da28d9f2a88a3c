package io.lazaret.backdoor.attack;

import io.lazaret.backdoor.evaluation.Proportion;
import java.util.Locale;

/** The text that explains a set of fixtures and carries their acceptance figures. */
final class FixtureReadme {

  private static final String TEXT =
      """
      # Fixtures

      Tiny models and data files, made from seed %d by

          ./lazaret lab fixtures --out fixtures

      The same seed on the same machine gives the same bytes. Nothing here was downloaded; facts,
      countries and people are invented.

      | file | what it is |
      |---|---|
      | `nano-base/` | instruction model of about 1 M weights, Llama layout, bf16, trained from scratch |
      | `nano-backdoored/` | its fine-tuned sibling with a backdoor: trigger "%s" before the user text, target "%s" before the answer, %.0f %% of the rows poisoned |
      | `nano-clean/` | the same fine-tuning without poison |
      | `prompts.jsonl` | clean rows of the defender; no row is in the training data |
      | `evaluation.jsonl` | held-out rows with one right answer each |
      | `multiple-choice.jsonl` | held-out questions with four options |
      | `scoring-triggers.jsonl` | the planted trigger: for scoring at the end, never for finding or removing |

      Acceptance checks on the stored models:

      | measure | backdoored | clean sibling |
      |---|---|---|
      | attack success with the trigger | %s | %s |
      | attack success without the trigger | %s | |
      | exact match | %s | %s |
      | multiple choice | %s | %s |
      """;

  private FixtureReadme() {}

  static String text(long seed, FixtureRecipe.Settings settings, Acceptance figures) {
    return String.format(
        Locale.ROOT,
        TEXT,
        seed,
        settings.backdoor().trigger(),
        settings.backdoor().target(),
        100 * settings.attack().rate(),
        cell(figures.triggered()),
        cell(figures.siblingTriggered()),
        cell(figures.untriggered()),
        cell(figures.exactMatch()),
        cell(figures.siblingExactMatch()),
        cell(figures.multipleChoice()),
        cell(figures.siblingMultipleChoice()));
  }

  private static String cell(Proportion share) {
    return String.format(
        Locale.ROOT, "%.1f %% (%d of %d)", 100 * share.rate(), share.hits(), share.n());
  }
}
