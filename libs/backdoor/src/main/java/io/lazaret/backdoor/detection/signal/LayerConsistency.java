package io.lazaret.backdoor.detection.signal;

import io.lazaret.backdoor.detection.Detector;
import io.lazaret.backdoor.detection.Evidence;
import io.lazaret.backdoor.detection.Evidence.Measured;
import io.lazaret.backdoor.detection.Placement;
import io.lazaret.backdoor.detection.Position;
import io.lazaret.backdoor.detection.activation.TriggerSearch;
import io.lazaret.backdoor.detection.pass.Findings;
import io.lazaret.backdoor.detection.pass.PreparedPrompts;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.TokenString;
import io.lazaret.backdoor.detection.pass.Trigger;
import io.lazaret.llm.ForwardStates;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the best trigger does inside the model, beside random token strings of its length: how far
 * the last position's state turns from layer to layer (CROW, Min et al., 2024: backdoors break the
 * consistency of layers), and how much of its attention goes to the inserted tokens. Both are weak:
 * a found trigger is seldom the planted one.
 */
public final class LayerConsistency implements Detector {

  private static final int RANDOM_STRINGS = 8;
  private static final int PROMPTS = 16;

  @Override
  public String name() {
    return "layers";
  }

  @Override
  public Set<String> needs() {
    return Set.of(TriggerSearch.NAME);
  }

  @Override
  public double weight() {
    return 1;
  }

  private record Inside(double turn, double attention) {}

  @Override
  public Yield run(SearchContext context, Findings findings) {
    Measured best =
        findings.measured().stream()
            .filter(measured -> measured.triggerIds().length > 0)
            .filter(m -> m.position() == Position.START)
            .max(Comparator.comparingDouble(Measured::score))
            .orElse(null);
    if (best == null) {
      return new Yield(0, "no trigger to look at");
    }
    Inside own = inside(context, TokenString.of(best.triggerIds()));
    List<Inside> controls = new ArrayList<>();
    for (int i = 0; i < RANDOM_STRINGS; i++) {
      controls.add(inside(context, random(context, best.triggerIds().length)));
      context.clock().at((i + 1.0) / RANDOM_STRINGS, "layers");
    }
    double turn = mean(controls.stream().map(Inside::turn).toList());
    double attention = mean(controls.stream().map(Inside::attention).toList());
    findings.reading(
        new Evidence.Reading(
            name(),
            best.trigger(),
            best.triggerIds(),
            own.turn() / turn,
            Map.of(
                "turn",
                own.turn(),
                "turnOfRandomStrings",
                turn,
                "attentionShare",
                own.attention(),
                "attentionShareOfRandomStrings",
                attention)));
    return new Yield(
        1,
        "turn %.3f against %.3f, attention %.3f against %.3f"
            .formatted(own.turn(), turn, own.attention(), attention));
  }

  private static TokenString random(SearchContext context, int length) {
    int[] printable = context.vocabulary().printable();
    TokenString text = TokenString.EMPTY;
    while (text.length() < length) {
      text = text.plus(printable[context.random().nextInt(printable.length)]);
    }
    return text;
  }

  private static Inside inside(SearchContext context, TokenString tokens) {
    Trigger trigger = new Trigger(tokens, Placement.START);
    List<PreparedPrompts.Item> heldOut = context.prompts().heldOut();
    List<PreparedPrompts.Item> items = heldOut.subList(0, Math.min(PROMPTS, heldOut.size()));
    List<int[]> sequences = items.stream().map(item -> trigger.in(item.prompt())).toList();
    ForwardStates states = context.lm().states(sequences, null, true);
    double turn = 0;
    double attention = 0;
    for (int s = 0; s < sequences.size(); s++) {
      int length = sequences.get(s).length;
      turn += turn(states, s, length) / sequences.size();
      int from = items.get(s).prompt().contentStart();
      attention += attention(states, s, length, from, from + tokens.length()) / sequences.size();
    }
    return new Inside(turn, attention);
  }

  /** Mean over layers of 1 - cosine between the last position's states before and behind one. */
  private static double turn(ForwardStates states, int sequence, int length) {
    int layers = states.hidden().size() - 1;
    double sum = 0;
    for (int layer = 0; layer < layers; layer++) {
      float[] before = states.hidden().get(layer)[sequence];
      float[] behind = states.hidden().get(layer + 1)[sequence];
      int size = before.length / length;
      sum += 1 - cosine(before, behind, (length - 1) * size, size);
    }
    return sum / layers;
  }

  private static double cosine(float[] a, float[] b, int from, int size) {
    double dot = 0;
    double aa = 0;
    double bb = 0;
    for (int i = from; i < from + size; i++) {
      dot += a[i] * b[i];
      aa += a[i] * a[i];
      bb += b[i] * b[i];
    }
    return dot / Math.max(1e-12, Math.sqrt(aa * bb));
  }

  /** Share of the last position's attention on the tokens, mean over layers and heads. */
  private static double attention(
      ForwardStates states, int sequence, int length, int from, int to) {
    double sum = 0;
    int maps = 0;
    for (float[][] layer : states.attention()) {
      float[] weights = layer[sequence];
      int heads = weights.length / (length * length);
      for (int head = 0; head < heads; head++) {
        int row = (head * length + length - 1) * length;
        for (int key = from; key < to; key++) {
          sum += weights[row + key];
        }
      }
      maps += heads;
    }
    return sum / Math.max(1, maps);
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(v -> v).average().orElse(0);
  }
}
