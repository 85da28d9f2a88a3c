package io.lazaret.notification;

import io.lazaret.eventing.Envelopes;
import io.lazaret.schemas.Decision;
import io.lazaret.schemas.DetectionVerdict;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.ModelRejected;
import io.lazaret.schemas.Producer;
import io.lazaret.schemas.ReleaseRolledBack;
import io.lazaret.schemas.Verdict;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;

/** Events, notices and receivers of the tests. */
final class Samples {

  static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  static final Clock CLOCK = Clock.fixed(NOON, ZoneOffset.UTC);

  private static final Envelopes ENVELOPES = new Envelopes(new Producer("t", "1"), CLOCK);

  private Samples() {}

  static ModelRejected rejected(String eventId, String model) {
    Verdict verdict =
        Verdict.newBuilder()
            .setScreeningId("s")
            .setModel(new ModelRef(model, "sha256:a", "LlamaForCausalLM", 1L))
            .setDetection(DetectionVerdict.SUSPICIOUS)
            .setRounds(List.of())
            .setDecision(Decision.REJECTED)
            .setRules(List.of())
            .setReasons(List.of("it answers <!channel> *badly*"))
            .setDurationSeconds(1)
            .build();
    return new ModelRejected(ENVELOPES.first(eventId, "ModelRejected", "s", model), verdict);
  }

  static ReleaseRolledBack rolledBack(String eventId, String model) {
    return ReleaseRolledBack.newBuilder()
        .setEnvelope(ENVELOPES.first(eventId, "ReleaseRolledBack", "s", model))
        .setChannel("production")
        .setWithdrawn(new ModelRef(model, "sha256:b", "LlamaForCausalLM", 1L))
        .setReason("ASR 12 %")
        .build();
  }

  static Notice notice(String eventId, String model) {
    return Notice.of(rejected(eventId, model)).orElseThrow();
  }

  static Receiver receiver(Receiver.Format format, String url, boolean allowPrivate) {
    return new Receiver(
        "ops",
        URI.create(url),
        format,
        "whsec",
        "C1",
        EnumSet.allOf(Notice.Kind.class),
        allowPrivate);
  }
}
