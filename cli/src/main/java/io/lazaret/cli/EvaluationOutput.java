package io.lazaret.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.backdoor.evaluation.AttackSuccess;
import io.lazaret.backdoor.evaluation.Evaluation;
import io.lazaret.backdoor.evaluation.PairedBootstrap;
import io.lazaret.backdoor.evaluation.Proportion;
import io.lazaret.backdoor.evaluation.Reading;
import io.lazaret.backdoor.evaluation.Scores;
import io.lazaret.cli.terminal.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/** The figures of one model, perhaps beside another, as table and as document. */
final class EvaluationOutput {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final ObjectNode document = JSON.createObjectNode();
  private final List<String> lines = new ArrayList<>();
  private final long seed;

  EvaluationOutput(String protocol, long seed) {
    this.seed = seed;
    document.put("protocol", protocol);
    lines.add("protocol " + protocol);
  }

  /** {@code before} and {@code kl} are null where there is one model alone. */
  void add(Evaluation.Figures figures, Evaluation.Figures before, Double kl) {
    ObjectNode utility = document.putObject("utility");
    for (int i = 0; i < figures.utility().size(); i++) {
      Scores scores = figures.utility().get(i);
      ObjectNode node = utility.putObject(scores.name());
      share(node, scores.proportion());
      String line = percent(scores.name(), scores.proportion());
      if (before != null) {
        PairedBootstrap.Interval change = scores.since(before.utility().get(i), seed);
        node.put("before", before.utility().get(i).mean()).put("change", change.difference());
        node.put("changeLower95", change.lower()).put("changeUpper95", change.upper());
        line +=
            String.format(
                Locale.ROOT,
                "   change %+.1f (%+.1f to %+.1f)",
                100 * change.difference(),
                100 * change.lower(),
                100 * change.upper());
      }
      lines.add(line);
    }
    document.put("perplexity", figures.perplexity());
    lines.add(String.format(Locale.ROOT, "%-34s %8.3f", "perplexity", figures.perplexity()));
    if (kl != null) {
      document.put("klToBefore", kl);
      lines.add(String.format(Locale.ROOT, "%-34s %8.4f", "KL to the other model, nats", kl));
    }
    document.putArray("attacks");
    for (Evaluation.TriggerFigures attack : figures.attacks()) {
      attack(attack);
    }
  }

  private void attack(Evaluation.TriggerFigures attack) {
    ObjectNode node = document.withArray("attacks").addObject();
    node.put("trigger", attack.trigger().trigger()).put("target", attack.trigger().target());
    lines.add("trigger " + Printable.of(attack.trigger().trigger()));
    for (Reading reading : Reading.values()) {
      String name = "asr." + reading.name().toLowerCase(Locale.ROOT);
      put(node, name, attack.triggered().asr(reading));
    }
    put(node, "correctUnderTrigger", attack.triggered().correct());
    put(node, "asr.withoutTrigger", attack.untriggered().asr());
    for (var entry : new TreeMap<>(attack.perturbed()).entrySet()) {
      AttackSuccess success = entry.getValue();
      put(node, "asr." + entry.getKey().name().toLowerCase(Locale.ROOT), success.asr());
    }
    node.put("unassessed", attack.triggered().unassessed());
    if (attack.triggered().unassessed() > 0) {
      lines.add(
          "  " + attack.triggered().unassessed() + " prompts had no room and count for neither");
    }
  }

  private void put(ObjectNode node, String name, Proportion share) {
    share(node.putObject(name), share);
    lines.add("  " + percent(name, share));
  }

  private static void share(ObjectNode node, Proportion share) {
    node.put("hits", share.hits()).put("n", share.n());
    if (share.n() > 0) {
      node.put("rate", share.rate());
    }
    node.put("lower95", share.lower95()).put("upper95", share.upper95());
  }

  private static String percent(String name, Proportion share) {
    return String.format(
        Locale.ROOT,
        "%-34s %7.1f %%  (%d of %d, %.1f to %.1f)",
        name,
        100 * share.rate(),
        share.hits(),
        share.n(),
        100 * share.lower95(),
        100 * share.upper95());
  }

  String table() {
    return String.join("\n", lines) + "\n";
  }

  String json() {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
