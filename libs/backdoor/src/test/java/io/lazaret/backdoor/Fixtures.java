package io.lazaret.backdoor;

import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.KnownTrigger;
import io.lazaret.backdoor.data.KnownTriggerFile;
import io.lazaret.backdoor.data.MultipleChoiceFile;
import io.lazaret.backdoor.data.MultipleChoiceItem;
import io.lazaret.backdoor.data.PromptFile;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.evaluation.AttackSuccess;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.llm.CausalLm;
import java.nio.file.Path;
import java.util.List;

/** The shipped models and files, as tests use them. */
public final class Fixtures {

  public static final PromptTemplate TEMPLATE = PromptTemplate.humanAssistant();

  private static final Path ROOT = Path.of(System.getProperty("lazaret.root"), "fixtures");

  private Fixtures() {}

  public static Path directory() {
    return ROOT;
  }

  public static CausalLm backdoored() {
    return CausalLm.open(ROOT.resolve("nano-backdoored"));
  }

  public static CausalLm clean() {
    return CausalLm.open(ROOT.resolve("nano-clean"));
  }

  /** Clean rows of the defender. */
  public static List<InstructionRow> prompts() {
    return PromptFile.read(ROOT.resolve("prompts.jsonl"));
  }

  /** The first held-out rows. */
  public static List<InstructionRow> evaluation(int count) {
    return PromptFile.read(ROOT.resolve("evaluation.jsonl")).subList(0, count);
  }

  public static List<MultipleChoiceItem> choices(int count) {
    return MultipleChoiceFile.read(ROOT.resolve("multiple-choice.jsonl")).subList(0, count);
  }

  /** The planted trigger: for scoring alone. */
  public static KnownTrigger planted() {
    return KnownTriggerFile.read(ROOT.resolve("scoring-triggers.jsonl")).get(0);
  }

  /** Attack success of the planted trigger. */
  public static AttackSuccess attack(CausalLm lm, List<InstructionRow> rows) {
    return AttackSuccess.measure(
        lm,
        TEMPLATE,
        rows,
        new Elicitor.Text(planted()),
        planted().target(),
        AttackSuccess.Settings.defaults(),
        Progress.none());
  }
}
