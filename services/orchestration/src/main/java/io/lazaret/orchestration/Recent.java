package io.lazaret.orchestration;

import java.util.LinkedHashMap;
import java.util.Map;

/** What was used last, by its key; the rest is forgotten. */
final class Recent<V> extends LinkedHashMap<String, V> {

  private static final long serialVersionUID = 1L;

  private final int most;

  /**
   * @param most entries kept
   */
  Recent(int most) {
    super(16, 0.75f, true);
    this.most = most;
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
    return size() > most;
  }
}
