package io.lazaret.service.telemetry;

import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Ids;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The way between envelopes and spans (W3C Trace Context). A record that nobody traced yet belongs
 * to the trace whose id is the screening's id, so that a screening is one trace even where it began
 * without one: with a schedule, with a bucket, or before tracing was turned on.
 */
public final class Traces {

  private static final String TRACEPARENT = "traceparent";
  private static final int SPAN_ID_LENGTH = 16;

  private Traces() {}

  /** What spans about a record are children of. */
  public static Context parent(Envelope envelope) {
    Context carried =
        W3CTraceContextPropagator.getInstance()
            .extract(Context.root(), envelope, FromEnvelope.INSTANCE);
    if (Span.fromContext(carried).getSpanContext().isValid()) {
      return carried;
    }
    String id = envelope.getScreeningId();
    SpanContext screening =
        SpanContext.createFromRemoteParent(
            id,
            Ids.derive("span", id).substring(0, SPAN_ID_LENGTH),
            TraceFlags.getSampled(),
            TraceState.getDefault());
    return Context.root().with(Span.wrap(screening));
  }

  /** The traceparent that names a span; null where it is not recorded. */
  public static String traceparent(Span span) {
    if (!span.isRecording()) {
      return null;
    }
    Map<String, String> carrier = new HashMap<>();
    W3CTraceContextPropagator.getInstance()
        .inject(Context.root().with(span), carrier, (map, key, value) -> map.put(key, value));
    return carrier.get(TRACEPARENT);
  }

  /** The traceparent of the span that this thread is in; null without one. */
  public static String current() {
    return traceparent(Span.current());
  }

  private enum FromEnvelope implements TextMapGetter<Envelope> {
    INSTANCE;

    @Override
    public Iterable<String> keys(Envelope envelope) {
      return List.of(TRACEPARENT);
    }

    @Override
    public String get(Envelope envelope, String key) {
      return key.equals(TRACEPARENT) && envelope != null ? envelope.getTraceparent() : null;
    }
  }
}
