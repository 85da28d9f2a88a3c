package io.lazaret.lifecycle.screening;

import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.KnownTrigger;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.Parrot;
import io.lazaret.schemas.PromotionRequested;
import io.lazaret.schemas.ReleasedRevision;
import io.lazaret.schemas.RescreeningOpened;
import io.lazaret.schemas.ScreeningInputs;
import io.lazaret.schemas.Segment;
import java.util.List;

/**
 * What a history began with: a model that came in, a released checkpoint that is looked at again,
 * or one that another channel shall name.
 *
 * @param envelope of the first event
 * @param original the model as it came in
 * @param candidate what is judged first: the original, or the released checkpoint
 * @param inputs what there is to work with
 * @param requestedBy who asked; empty where nobody is known
 * @param knownTriggers trigger intelligence of that time
 * @param segments found in earlier screenings of the model
 * @param parrots trained in earlier screenings of the model
 * @param released what the policy's channel named; null where nothing, and for a rescreening
 * @param rescreening the first event of a rescreening; null for all others
 * @param promotion the first event of a promotion by hand; null for all others
 */
public record Opening(
    Envelope envelope,
    ModelRef original,
    ModelRef candidate,
    ScreeningInputs inputs,
    String requestedBy,
    List<KnownTrigger> knownTriggers,
    List<Segment> segments,
    List<Parrot> parrots,
    ReleasedRevision released,
    RescreeningOpened rescreening,
    PromotionRequested promotion) {

  static Opening of(ModelIngested event) {
    return new Opening(
        event.getEnvelope(),
        event.getModel(),
        event.getModel(),
        event.getInputs(),
        event.getRequestedBy(),
        event.getKnownTriggers(),
        List.of(),
        List.of(),
        event.getReleased(),
        null,
        null);
  }

  static Opening of(RescreeningOpened event) {
    return new Opening(
        event.getEnvelope(),
        event.getOriginal(),
        event.getReleased(),
        event.getInputs(),
        event.getRequestedBy(),
        event.getKnownTriggers(),
        event.getSegments(),
        event.getParrots(),
        null,
        event,
        null);
  }

  static Opening of(PromotionRequested event) {
    return new Opening(
        event.getEnvelope(),
        event.getOriginal(),
        event.getReleased(),
        event.getInputs(),
        event.getRequestedBy(),
        List.of(),
        List.of(),
        List.of(),
        null,
        null,
        event);
  }

  boolean isRescreening() {
    return rescreening != null;
  }

  boolean isPromotion() {
    return promotion != null;
  }
}
