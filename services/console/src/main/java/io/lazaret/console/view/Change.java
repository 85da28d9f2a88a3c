package io.lazaret.console.view;

import io.lazaret.console.record.Place;
import org.apache.avro.specific.SpecificRecord;

/**
 * Something new.
 *
 * @param history the screening, or the history of requests; empty for a channel
 * @param record an event, a heartbeat, or the state of a channel
 * @param place of an event; null for everything else
 * @param reached how far the record has been read with this event, as a stream gives it out; empty
 *     for everything else
 */
public record Change(String history, SpecificRecord record, Place place, String reached) {}
