/** Projections of the record for people: screenings, verdicts, channels, and a live stream. */
package io.lazaret.console;
