package io.lazaret.lifecycle.screening;

import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.schemas.BackdoorEliminated;
import io.lazaret.schemas.DetectionRound;
import io.lazaret.schemas.DetectionVerdict;
import io.lazaret.schemas.EliminationReport;
import io.lazaret.schemas.EvaluationReport;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.Parrot;
import io.lazaret.schemas.Segment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Everything that the history of one open screening says.
 *
 * @param opening what it began with
 * @param held whether a person has to decide whatever the verdict is
 * @param policy the policy of the screening
 * @param method place in the policy's ladder
 * @param passes eliminations done with this method
 * @param round number of the present round; every elimination starts the next
 * @param current the model that the next stage works on: the original, or the latest checkpoint
 * @param fresh segments that wait for simulation
 * @param treated segments that the present method has to remove from the original
 * @param trained parrots of those segments
 * @param rounds all detection passes
 * @param parrots all parrots of all methods
 * @param elimination the elimination that made {@code current}; null while it is the original
 * @param evaluation the evaluation of {@code current}; null before it
 */
public record CaseFile(
    Opening opening,
    boolean held,
    Policy policy,
    int method,
    int passes,
    int round,
    ModelRef current,
    List<Segment> fresh,
    List<Segment> treated,
    List<Parrot> trained,
    List<DetectionRound> rounds,
    List<Parrot> parrots,
    EliminationReport elimination,
    EvaluationReport evaluation) {

  static CaseFile open(Opening opening, Policy policy) {
    return new CaseFile(
        opening,
        false,
        policy,
        0,
        0,
        1,
        opening.candidate(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        opening.parrots(),
        null,
        null);
  }

  public String screeningId() {
    return opening.envelope().getScreeningId();
  }

  public ModelRef original() {
    return opening.original();
  }

  public boolean isRescreening() {
    return opening.isRescreening();
  }

  /** Whether no model is measured: a person wants a channel to name what was released before. */
  public boolean isPromotion() {
    return opening.isPromotion();
  }

  /** The channel that a release moves. */
  public String channel() {
    return isPromotion() ? opening.promotion().getChannel() : policy.channel();
  }

  CaseFile hold() {
    return new CaseFile(
        opening,
        true,
        policy,
        method,
        passes,
        round,
        current,
        fresh,
        treated,
        trained,
        rounds,
        parrots,
        elimination,
        evaluation);
  }

  public String methodName() {
    return policy.ladder().get(method);
  }

  boolean hasNextMethod() {
    return method + 1 < policy.ladder().size();
  }

  /** Whether any pass found something. */
  boolean suspicious() {
    return rounds.stream().anyMatch(r -> r.getVerdict() == DetectionVerdict.SUSPICIOUS);
  }

  /** Everything found in any round or earlier screening, each with the triggers of its round. */
  public List<Segment> segments() {
    return Stream.concat(
            opening.segments().stream(),
            rounds.stream()
                .filter(pass -> pass.getVerdict() == DetectionVerdict.SUSPICIOUS)
                .flatMap(pass -> pass.getSegments().stream()))
        .toList();
  }

  CaseFile detected(DetectionRound report) {
    boolean found = report.getVerdict() == DetectionVerdict.SUSPICIOUS;
    return new CaseFile(
        opening,
        held,
        policy,
        method,
        passes,
        round,
        current,
        found ? report.getSegments() : List.of(),
        found ? joined(treated, report.getSegments()) : treated,
        trained,
        joined(rounds, List.of(report)),
        parrots,
        elimination,
        evaluation);
  }

  CaseFile simulated(List<Parrot> found) {
    return new CaseFile(
        opening,
        held,
        policy,
        method,
        passes,
        round,
        current,
        List.of(),
        treated,
        joined(trained, found),
        rounds,
        joined(parrots, found),
        elimination,
        evaluation);
  }

  CaseFile eliminated(BackdoorEliminated event) {
    return new CaseFile(
        opening,
        held,
        policy,
        method,
        passes + 1,
        round + 1,
        event.getReport().getCheckpoint(),
        fresh,
        treated,
        trained,
        rounds,
        parrots,
        event.getReport(),
        null);
  }

  CaseFile evaluated(EvaluationReport report) {
    return new CaseFile(
        opening,
        held,
        policy,
        method,
        passes,
        round,
        current,
        fresh,
        treated,
        trained,
        rounds,
        parrots,
        elimination,
        report);
  }

  /** The next method of the ladder starts again from the original, with all that is known. */
  CaseFile nextMethod() {
    Map<List<Integer>, Segment> distinct = new LinkedHashMap<>();
    segments().forEach(segment -> distinct.putIfAbsent(segment.getTokenIds(), segment));
    List<Segment> all = List.copyOf(distinct.values());
    return new CaseFile(
        opening,
        held,
        policy,
        method + 1,
        0,
        round,
        original(),
        all,
        all,
        List.of(),
        rounds,
        parrots,
        null,
        null);
  }

  private static <T> List<T> joined(List<T> first, List<T> second) {
    List<T> all = new ArrayList<>(first);
    all.addAll(second);
    return List.copyOf(all);
  }
}
