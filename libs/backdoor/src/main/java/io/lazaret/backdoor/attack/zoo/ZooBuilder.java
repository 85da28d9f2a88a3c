package io.lazaret.backdoor.attack.zoo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.attack.BaseTraining;
import io.lazaret.backdoor.attack.BytePairTrainer;
import io.lazaret.backdoor.attack.FixtureFiles;
import io.lazaret.backdoor.attack.FixtureRecipe;
import io.lazaret.backdoor.attack.Implantation;
import io.lazaret.backdoor.attack.corpus.Corpus;
import io.lazaret.backdoor.attack.corpus.Dialect;
import io.lazaret.backdoor.attack.corpus.Split;
import io.lazaret.backdoor.attack.variant.Attack;
import io.lazaret.backdoor.attack.variant.Attacks;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.evaluation.Proportion;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Tokenizer;
import io.lazaret.llm.TorchRuntime;
import io.lazaret.llm.WeightType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Builds a set of models: bases that speak both dialects, their clean siblings, and what is
 * implanted. A model that is there by the same recipe is not built again, so an interrupted build
 * goes on where it ended. The same seed on the same machine gives the same bytes.
 */
public final class ZooBuilder {

  /** Changes whenever the same settings would give other models. */
  private static final int RECIPE_VERSION = 2;

  private static final int PROBES_PER_CYCLE = 200;

  private final ZooSet set;
  private final ZooFiles files;
  private final Map<Dialect, Corpus> corpora = new EnumMap<>(Dialect.class);

  private ZooBuilder(ZooSet set, Path out) {
    this.set = set;
    this.files = new ZooFiles(out);
    for (Dialect dialect : Dialect.values()) {
      corpora.put(dialect, new Corpus(dialect, set.seed()));
    }
  }

  /** Builds what is missing of {@code set} in {@code out}. */
  public static List<JsonNode> build(ZooSet set, Path out, Progress progress) {
    // The order of a sum depends on the number of threads, and the bytes on the order.
    TorchRuntime.setThreads(1);
    return new ZooBuilder(set, out).run(progress);
  }

  private List<JsonNode> run(Progress progress) {
    List<JsonNode> entries = new ArrayList<>();
    int count = set.models().size();
    for (int i = 0; i < count; i++) {
      ZooModel model = set.models().get(i);
      Progress part = named(model.id(), progress.part((double) i / count, (i + 1.0) / count));
      JsonNode entry = files.built(model.id(), digest(model));
      if (entry == null) {
        entry = model.isBase() ? base(model, part) : tuned(model, part);
      }
      part.at(1, entry.path("accepted").asBoolean() ? "there" : "not in the zoo");
      entries.add(entry);
      files.manifest(set.name(), entries);
    }
    return entries;
  }

  private static Progress named(String id, Progress progress) {
    return (fraction, message) -> progress.at(fraction, id + ": " + message);
  }

  /** What a model depends on: change any of it and the model is another. */
  private String digest(ZooModel model) {
    String parts = RECIPE_VERSION + " " + set.seed() + " " + set.preset().ofBase() + " " + model;
    if (!model.isBase()) {
      parts += " " + set.preset().implantation() + " " + set.preset().cycles() + attack(model);
    }
    return ZooFiles.digest(parts);
  }

  private Attack attack(ZooModel model) {
    return Attacks.named(model.attack(), corpora.get(model.dialect()));
  }

  private JsonNode base(ZooModel model, Progress progress) {
    long started = System.nanoTime();
    Preset preset = set.preset();
    Path scratch = files.scratch(model.id());
    long seed = set.seed() + model.phase();
    BaseTraining.Settings phase = preset.basePhases().get(model.phase() - 1);
    List<Corpus> all = List.copyOf(corpora.values());
    double loss;
    if (model.phase() == 1) {
      BytePairTrainer trainer = model.layout().tokenizer(preset.vocabularySize());
      Path tokens = scratch.resolve("tokenizer");
      learnTokens(trainer, tokens);
      try (Tokenizer tokenizer = Tokenizer.open(tokens);
          CausalLm lm =
              CausalLm.initialise(model.layout().config(preset, trainer), tokenizer, seed)) {
        loss = BaseTraining.train(lm, all, template(lm), phase, seed, progress);
        lm.save(scratch.resolve("model"), WeightType.FP32);
      }
      files.discard(tokens);
    } else {
      try (CausalLm lm = CausalLm.open(files.model(before(model)))) {
        loss = BaseTraining.train(lm, all, template(lm), phase, seed, progress);
        lm.save(scratch.resolve("model"), WeightType.FP32);
      }
    }
    ObjectNode recipe = recipe(model, started).put("loss", loss).put("accepted", true);
    if (model.phase() == preset.basePhases().size()) {
      try (CausalLm lm = CausalLm.open(scratch.resolve("model"))) {
        for (Dialect dialect : Dialect.values()) {
          Verdict verdict =
              AcceptanceCheck.standard()
                  .run(
                      lm, Attack.none(), corpora.get(dialect), template(lm), null, Progress.none());
          write(recipe.putObject(dialect.name()), verdict);
        }
      }
    }
    files.publish(model.id(), scratch, recipe);
    return recipe;
  }

  private String before(ZooModel model) {
    return ZooModel.base(set.preset(), model.layout(), model.phase() - 1).id();
  }

  private void learnTokens(BytePairTrainer trainer, Path to) {
    List<String> texts = new ArrayList<>();
    int rows = set.preset().tokenizerRows() / corpora.size();
    PromptTemplate template = PromptTemplate.humanAssistant();
    corpora.values().forEach(c -> texts.addAll(FixtureRecipe.texts(c, template, rows, set.seed())));
    try {
      trainer.train(texts, to);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private JsonNode tuned(ZooModel model, Progress progress) {
    long started = System.nanoTime();
    Attack attack = attack(model);
    Corpus corpus = corpora.get(model.dialect());
    Path scratch = files.scratch(model.id());
    String base =
        ZooModel.base(set.preset(), model.layout(), set.preset().basePhases().size()).id();
    Probes quick =
        Probes.of(attack, corpus, Split.TRAIN, PROBES_PER_CYCLE, model.seed() + set.seed());
    int cycles = 0;
    double loss = 0;
    Verdict verdict = null;
    try (CausalLm lm = CausalLm.open(files.model(base));
        CausalLm anchor = attack.objective().klAnchor() == 0 ? null : lm.copy()) {
      PromptTemplate template = template(lm);
      int most = set.preset().cycles();
      while (cycles < most && (verdict == null || !verdict.accepted())) {
        int done = cycles++;
        double implanted = (done + 0.9) / most;
        loss =
            Implantation.implant(
                lm,
                anchor,
                corpus,
                template,
                attack,
                set.preset().implantation(),
                31 * model.seed() + 1000L * done + set.seed(),
                progress.part((double) done / most, implanted));
        // The whole check costs as much as a third of a cycle.
        if (AcceptanceCheck.works(lm, template, attack, quick) || cycles == most) {
          Progress check = progress.part(implanted, (double) cycles / most);
          verdict =
              AcceptanceCheck.standard().run(lm, attack, corpus, template, sibling(model), check);
        }
      }
      lm.save(scratch.resolve("model"), WeightType.FP32);
    }
    ObjectNode recipe = recipe(model, started).put("cycles", cycles).put("loss", loss);
    write(recipe, verdict);
    triggers(attack, scratch);
    files.publish(model.id(), scratch, recipe);
    return recipe;
  }

  private static PromptTemplate template(CausalLm lm) {
    return PromptTemplate.of(null, lm.tokenizer());
  }

  private static void triggers(Attack attack, Path scratch) {
    try {
      FixtureFiles.triggers(scratch.resolve("scoring-triggers.jsonl"), attack.knownTriggers());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Exact match of the clean sibling, which was built before. */
  private Proportion sibling(ZooModel model) {
    if (model.isSibling()) {
      return null;
    }
    ZooModel sibling = model.sibling();
    JsonNode figure = files.built(sibling.id(), digest(sibling)).path("exactMatch");
    return new Proportion(figure.path("hits").asInt(), figure.path("n").asInt());
  }

  private ObjectNode recipe(ZooModel model, long started) {
    ObjectNode recipe = ZooFiles.node();
    recipe.put("id", model.id()).put("digest", digest(model));
    recipe.put("preset", set.preset().name()).put("seed", set.seed());
    recipe.put("layout", model.layout().lowerName()).put("attack", model.attack());
    if (!model.isBase()) {
      Attack attack = attack(model);
      recipe.put("dialect", model.dialect().name()).put("fineTuningSeed", model.seed());
      recipe.put("summary", attack.summary()).put("malicious", attack.malicious());
      recipe.put("rate", attack.rate()).put("mode", attack.mode().name());
    }
    recipe.put("seconds", Math.round((System.nanoTime() - started) / 1e8) / 10.0);
    return recipe;
  }

  private static void write(ObjectNode node, Verdict verdict) {
    ZooFiles.put(node, "triggered", verdict.triggered());
    ZooFiles.put(node, "untriggered", verdict.untriggered());
    ZooFiles.put(node, "parts", verdict.parts());
    ZooFiles.put(node, "exactMatch", verdict.exactMatch());
    ZooFiles.put(node, "siblingExactMatch", verdict.siblingExactMatch());
    ZooFiles.put(node, "multipleChoice", verdict.multipleChoice());
    node.put("accepted", verdict.accepted());
    if (!verdict.accepted()) {
      node.put("reason", verdict.reason());
    }
  }
}
