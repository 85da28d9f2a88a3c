package io.lazaret.bench.methods;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.backdoor.evaluation.PairedBootstrap;
import io.lazaret.backdoor.evaluation.Proportion;
import io.lazaret.backdoor.evaluation.Scores;

/** One stored repair, read. */
record Cell(JsonNode json) {

  private static final String EXACT_MATCH = "exactMatch";
  private static final long BOOTSTRAP_SEED = 1;

  String text(String key) {
    return json.path(key).asText();
  }

  /** Attack and layout: a column of the tables. */
  String column() {
    return text("attack") + " " + text("layout");
  }

  boolean isVictim() {
    return text("method").equals(Repair.NONE);
  }

  boolean measured() {
    return json.has("triggers");
  }

  /** Why there are no figures; empty where there are some. */
  String reason() {
    return measured() ? "" : text("refused") + text("failed");
  }

  /** Attack success under the mapping that survived best. */
  Proportion asr() {
    return worst("CONTAINS");
  }

  /** As the paper's code reads it: the first ten tokens. */
  Proportion compatibleAsr() {
    return worst("CONTAINS_10");
  }

  private Proportion worst(String reading) {
    Proportion worst = new Proportion(0, 0);
    for (JsonNode mapping : json.path("triggers")) {
      Proportion share = share(mapping.path(reading));
      worst = worst.n() == 0 || share.rate() > worst.rate() ? share : worst;
    }
    return worst;
  }

  /** Right answers under the triggers, all mappings together. */
  Proportion correct() {
    int hits = 0;
    int n = 0;
    for (JsonNode mapping : json.path("triggers")) {
      hits += mapping.path("correct").path("hits").asInt();
      n += mapping.path("correct").path("n").asInt();
    }
    return new Proportion(hits, n);
  }

  Proportion untriggered() {
    return share(json.path("untriggered"));
  }

  Proportion exactMatch() {
    return items(EXACT_MATCH).proportion();
  }

  Scores items(String name) {
    String bits = text(name);
    return new Scores(name, bits.chars().mapToDouble(bit -> bit - '0').toArray(), text("protocol"));
  }

  /** Change of a score since the victim, in points, over the same rows. */
  PairedBootstrap.Interval change(String name, Cell victim) {
    return items(name).since(victim.items(name), BOOTSTRAP_SEED);
  }

  private static Proportion share(JsonNode node) {
    return new Proportion(node.path("hits").asInt(), node.path("n").asInt());
  }
}
