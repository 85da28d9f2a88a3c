package io.lazaret.service.telemetry;

import io.lazaret.schemas.Envelope;
import org.slf4j.MDC;

/** What log lines carry while a thread works on a record: screening and model. */
public final class Labels implements AutoCloseable {

  private static final String SCREENING = "screeningId";
  private static final String MODEL = "model";

  private Labels() {}

  /** Labels this thread until closed. */
  public static Labels of(Envelope envelope) {
    MDC.put(SCREENING, envelope.getScreeningId());
    MDC.put(MODEL, envelope.getModelName());
    return new Labels();
  }

  @Override
  public void close() {
    MDC.remove(SCREENING);
    MDC.remove(MODEL);
  }
}
