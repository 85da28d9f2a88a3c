package io.lazaret.backdoor.detection.pass;

import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.backdoor.detection.Placement;

/** A token string and where it goes. The empty trigger leaves the prompt as it is. */
public record Trigger(TokenString tokens, Placement placement) {

  public static final Trigger NONE = new Trigger(TokenString.EMPTY, Placement.BOTH);

  public static Trigger both(TokenString tokens) {
    return new Trigger(tokens, Placement.BOTH);
  }

  public Trigger withTokens(TokenString other) {
    return new Trigger(other, placement);
  }

  /** The prompt's ids with the trigger in its user text. */
  public int[] in(TokenizedPrompt prompt) {
    int[] none = new int[0];
    int[] ids = tokens.ids();
    return switch (placement) {
      case START -> prompt.with(ids, none).ids();
      case END -> prompt.with(none, ids).ids();
      case BOTH -> prompt.with(ids, ids).ids();
    };
  }

  /** Positions of the trigger's {@code index}-th token in {@link #in}, one for each insertion. */
  public int[] positions(TokenizedPrompt prompt, int index) {
    int atStart = prompt.contentStart() + index;
    int atEnd = prompt.contentEnd() + index;
    return switch (placement) {
      case START -> new int[] {atStart};
      case END -> new int[] {atEnd};
      case BOTH -> new int[] {atStart, atEnd + tokens.length()};
    };
  }
}
