package io.lazaret.backdoor.detection.pass;

import io.lazaret.backdoor.detection.Evidence.Measured;
import io.lazaret.backdoor.detection.Evidence.Reading;
import io.lazaret.backdoor.detection.Position;
import io.lazaret.backdoor.detection.SuspiciousSegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the detectors of one pass have found so far. */
public final class Findings {

  private final Map<Position, List<Candidate>> candidates = new EnumMap<>(Position.class);
  private final Map<Position, FirstTokenScores> scores = new EnumMap<>(Position.class);
  private final List<TokenString> leaked = new ArrayList<>();
  private final List<Reading> readings = new ArrayList<>();
  private final List<Measured> measured = new ArrayList<>();
  private final List<SuspiciousSegment> segments = new ArrayList<>();
  private final List<TokenString> forms = new ArrayList<>();
  private int refused;

  /** Adds spans that may be responses at this position. */
  public void propose(Position position, List<Candidate> spans) {
    candidates.computeIfAbsent(position, p -> new ArrayList<>()).addAll(spans);
  }

  /** Spans that may be responses at this position, in the order in which they were proposed. */
  public List<Candidate> candidates(Position position) {
    return List.copyOf(candidates.getOrDefault(position, List.of()));
  }

  /** Keeps what each token does as a one-token trigger. */
  public void scores(Position position, FirstTokenScores m1) {
    scores.put(position, m1);
  }

  /** What each token does as a one-token trigger, where it was swept. */
  public Optional<FirstTokenScores> scores(Position position) {
    return Optional.ofNullable(scores.get(position));
  }

  /** Adds a detector's score of a span, or of the whole model. */
  public void reading(Reading reading) {
    readings.add(reading);
  }

  public List<Reading> readings() {
    return List.copyOf(readings);
  }

  /** Adds strings that the model gives away as user text. */
  public void leaked(List<TokenString> strings) {
    leaked.addAll(strings);
  }

  /** Strings that may be triggers, or hold one. */
  public List<TokenString> leaked() {
    return List.copyOf(leaked);
  }

  /** Adds a candidate that triggers were searched for. */
  public void measured(Measured candidate) {
    measured.add(candidate);
  }

  public List<Measured> measured() {
    return List.copyOf(measured);
  }

  /** Adds the opening of a form of answer inside which a search of its own has looked. */
  public void searched(TokenString opening) {
    forms.add(opening);
  }

  /** Whether a span stands in a form that was searched by itself. */
  public boolean isSearched(TokenString span) {
    return forms.stream().anyMatch(span::startsWith);
  }

  /** Keeps on how many requests that must be refused a search has looked. */
  public void refused(int requests) {
    refused = requests;
  }

  public int refused() {
    return refused;
  }

  /** Adds a segment. */
  public void segment(SuspiciousSegment segment) {
    segments.add(segment);
  }

  public List<SuspiciousSegment> segments() {
    return List.copyOf(segments);
  }
}
