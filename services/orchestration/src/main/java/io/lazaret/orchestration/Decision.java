package io.lazaret.orchestration;

import io.lazaret.schemas.Envelope;
import io.lazaret.service.telemetry.Labels;
import io.lazaret.service.telemetry.Traces;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;

/** What is told of one record while it is decided: a span in its trace, labels on log lines. */
record Decision(Span span, Labels labels) implements AutoCloseable {

  static Decision about(Envelope envelope) {
    Span span =
        GlobalOpenTelemetry.getTracer("io.lazaret")
            .spanBuilder("decide " + envelope.getType())
            .setParent(Traces.parent(envelope))
            .setSpanKind(SpanKind.CONSUMER)
            .setAttribute("lazaret.screening", envelope.getScreeningId())
            .startSpan();
    return new Decision(span, Labels.of(envelope));
  }

  @Override
  public void close() {
    labels.close();
    span.end();
  }
}
