package io.lazaret.console;

import io.lazaret.eventing.Envelopes;
import io.lazaret.schemas.StageProgress;
import io.smallrye.mutiny.subscription.MultiEmitter;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.util.function.BiConsumer;
import org.apache.avro.specific.SpecificRecord;

/** What one reader of a stream gets: the record so far, then everything as it happens, once. */
final class LiveStream {

  private final String screeningId;
  private final Sse sse;
  private final Projection projection;
  private final MultiEmitter<? super OutboundSseEvent> emitter;
  private final BiConsumer<String, SpecificRecord> listener = this::heard;
  private long next;

  LiveStream(
      String screeningId,
      Sse sse,
      Projection projection,
      MultiEmitter<? super OutboundSseEvent> emitter) {
    this.screeningId = screeningId;
    this.sse = sse;
    this.projection = projection;
    this.emitter = emitter;
  }

  /** Listens before it looks back, so that nothing falls between; what is new waits meanwhile. */
  synchronized void open() {
    projection.listen(listener);
    emitter.onTermination(() -> projection.forget(listener));
    projection.screening(screeningId).ifPresent(view -> view.events().forEach(this::emit));
  }

  private synchronized void heard(String screening, SpecificRecord record) {
    if (screening.equals(screeningId)) {
      emit(record);
    }
  }

  private void emit(SpecificRecord record) {
    boolean progress = record instanceof StageProgress;
    if (!progress) {
      long sequence = Envelopes.of(record).getSequence();
      if (sequence < next) {
        return;
      }
      next = sequence + 1;
    }
    emitter.emit(
        sse.newEventBuilder()
            .name(progress ? "progress" : "event")
            .mediaType(MediaType.APPLICATION_JSON_TYPE)
            .data(AvroJson.of(record).toString())
            .build());
  }
}
