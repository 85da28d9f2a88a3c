package io.lazaret.backdoor.detection.pass;

import java.util.ArrayList;
import java.util.List;

/**
 * A span that may be a target response, with what is known about it so far.
 *
 * @param span the span's tokens
 * @param source the stage that proposed it
 * @param chainScore that stage's score, comparable within the stage only
 * @param hints triggers that were in place when it was proposed
 */
public record Candidate(
    TokenString span, String source, double chainScore, List<TokenString> hints) {

  public Candidate {
    hints = List.copyOf(hints);
  }

  /** The same as another stage takes it up. */
  public Candidate from(String stage) {
    return new Candidate(span, stage, chainScore, hints);
  }

  /** The same with more triggers that led to it. */
  public Candidate withHints(List<TokenString> more) {
    List<TokenString> all = new ArrayList<>(hints);
    all.addAll(more);
    return new Candidate(span, source, chainScore, all);
  }
}
