package io.lazaret.worker;

import io.lazaret.backdoor.detection.FoundStyle;
import io.lazaret.backdoor.detection.FoundTrigger;
import io.lazaret.backdoor.detection.Placement;
import io.lazaret.backdoor.detection.Position;
import io.lazaret.backdoor.detection.SuspiciousSegment;
import io.lazaret.schemas.FunctionalTrigger;
import io.lazaret.schemas.Proportion;
import io.lazaret.schemas.ResponsePosition;
import io.lazaret.schemas.Segment;
import io.lazaret.schemas.TriggerPlacement;
import java.util.Arrays;
import java.util.List;

/** The science's values in the event language, and back. */
public final class Translation {

  private Translation() {}

  public static Proportion proportion(io.lazaret.backdoor.evaluation.Proportion p) {
    return Proportion.newBuilder()
        .setHits(p.hits())
        .setN(p.n())
        .setRate(p.n() == 0 ? 0 : p.rate())
        .setUpper95(p.upper95())
        .build();
  }

  private static Proportion hits(int hits, int n) {
    return proportion(new io.lazaret.backdoor.evaluation.Proportion(hits, n));
  }

  public static Segment segment(SuspiciousSegment segment) {
    return Segment.newBuilder()
        .setText(segment.text())
        .setTokenIds(boxed(segment.tokenIds()))
        .setScore(segment.score())
        .setProbabilityClean(segment.probabilityClean())
        .setProbabilityElicited(segment.probabilityElicited())
        .setFunctionalTriggers(
            segment.functionalTriggers().stream().map(Translation::functionalTrigger).toList())
        .setConfirmedTriggers(segment.confirmedTriggers().stream().map(FoundTrigger::text).toList())
        .setPosition(ResponsePosition.valueOf(segment.position().name()))
        .setStyles(segment.styles().stream().map(Translation::style).toList())
        .build();
  }

  public static Position position(Segment segment) {
    return Position.valueOf(segment.getPosition().name());
  }

  private static FunctionalTrigger functionalTrigger(FoundTrigger trigger) {
    return FunctionalTrigger.newBuilder()
        .setText(trigger.text())
        .setTokenIds(boxed(trigger.tokenIds()))
        .setPlacement(TriggerPlacement.valueOf(trigger.placement().name()))
        .setHits(hits(trigger.hits(), trigger.n()))
        .build();
  }

  private static io.lazaret.schemas.FoundStyle style(FoundStyle found) {
    return io.lazaret.schemas.FoundStyle.newBuilder()
        .setStyle(found.style())
        .setHits(hits(found.hits(), found.n()))
        .build();
  }

  public static FoundStyle foundStyle(io.lazaret.schemas.FoundStyle found) {
    return new FoundStyle(found.getStyle(), found.getHits().getHits(), found.getHits().getN());
  }

  public static FoundTrigger foundTrigger(FunctionalTrigger trigger) {
    return new FoundTrigger(
        trigger.getText(),
        unboxed(trigger.getTokenIds()),
        Placement.valueOf(trigger.getPlacement().name()),
        trigger.getHits().getHits(),
        trigger.getHits().getN());
  }

  public static List<Integer> boxed(int[] ids) {
    return Arrays.stream(ids).boxed().toList();
  }

  public static int[] unboxed(List<Integer> ids) {
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }
}
