package io.lazaret.backdoor.attack.zoo;

import io.lazaret.backdoor.attack.corpus.Dialect;
import io.lazaret.backdoor.attack.variant.Attack;
import java.util.Locale;

/**
 * One model of a zoo: what it is made from and how.
 *
 * @param id unique in a zoo; the name of its directory
 * @param phase which phase of base training, from 1; 0 for fine-tuned models
 * @param dialect of the fine-tuning rows; null for bases
 * @param attack id of what is implanted; "base" for bases, "clean" for clean siblings
 * @param seed of the fine-tuning
 */
public record ZooModel(
    String id, Layout layout, int phase, Dialect dialect, String attack, long seed) {

  private static final String BASE = "base";

  static ZooModel base(Preset preset, Layout layout, int phase) {
    boolean last = phase == preset.basePhases().size();
    String id = BASE + "-" + layout.lowerName() + (last ? "" : "-phase" + phase);
    return new ZooModel(id, layout, phase, null, BASE, 0);
  }

  static ZooModel tuned(Layout layout, Dialect dialect, String attack, long seed) {
    String id =
        "%s-%s-%s-s%d"
            .formatted(attack, layout.lowerName(), dialect.name().toLowerCase(Locale.ROOT), seed);
    return new ZooModel(id, layout, 0, dialect, attack, seed);
  }

  /** The clean sibling: the same rows and steps without poison. */
  ZooModel sibling() {
    return tuned(layout, dialect, Attack.none().id(), seed);
  }

  /** Whether this is a phase of base training. */
  public boolean isBase() {
    return phase > 0;
  }

  /** Whether this is a clean sibling. */
  public boolean isSibling() {
    return attack.equals(Attack.none().id());
  }
}
