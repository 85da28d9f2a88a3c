package io.lazaret.service;

import io.lazaret.eventing.worker.StageJob;
import org.apache.avro.specific.SpecificRecord;

/**
 * The one job of a stage service, as a bean. {@link StageWorkers} finds it and gives it work.
 *
 * @param <C> the command that asks for it
 */
public interface StageService<C extends SpecificRecord> extends StageJob<C> {

  Class<C> commandType();
}
