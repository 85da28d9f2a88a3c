package io.lazaret.bench.events;

import io.lazaret.bench.events.Histories.Step;
import io.lazaret.eventing.Topics;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.apache.avro.specific.SpecificRecord;

/**
 * What a busy platform's inbox holds: whole screenings of clean models, from ingestion to release,
 * so interleaved that always as many are open.
 */
final class Inbox {

  static final int OPEN = 10_000;
  private static final int NAMES = 4_096;
  private static final int PART = 6_000;

  /**
   * An inbox at rest.
   *
   * @param perSecond records that a plain idempotent producer sent
   * @param warmUp events that orchestration makes of the first part
   * @param counted events that it makes of the second
   */
  record Filled(double perSecond, int warmUp, int counted) {}

  private final Bench bench;

  /** Screenings that wait for detection, and for evaluation; with the steps that are left. */
  private final List<Queue<List<Step>>> waiting = List.of(new ArrayDeque<>(), new ArrayDeque<>());

  private int screenings;
  private int events;

  private Inbox(Bench bench) {
    this.bench = bench;
  }

  /** Puts in so many records, and so many more. */
  static Filled fill(Bench bench, int first, int second) {
    Inbox inbox = new Inbox(bench);
    double seconds = inbox.send(first);
    int warmUp = inbox.events;
    seconds += inbox.send(second);
    return new Filled((first + second) / seconds, warmUp, inbox.events - warmUp);
  }

  private double send(int records) {
    double seconds = 0;
    for (int sent = 0; sent < records; ) {
      List<SpecificRecord> part = new ArrayList<>();
      while (part.size() < Math.min(PART, records - sent)) {
        next(part);
      }
      seconds += bench.fill(Topics.INBOX, part);
      sent += part.size();
    }
    return seconds;
  }

  /** One more screening begins; where too many wait, the first of them goes a step further. */
  private void next(List<SpecificRecord> into) {
    List<Step> left = take(Histories.steps(bench.ingested(screenings++, NAMES)), into);
    for (Queue<List<Step>> queue : waiting) {
      queue.add(left);
      if (queue.size() <= OPEN / waiting.size()) {
        return;
      }
      left = take(queue.remove(), into);
    }
  }

  private List<Step> take(List<Step> steps, List<SpecificRecord> into) {
    into.add(steps.get(0).input());
    events += steps.get(0).events();
    return List.copyOf(steps.subList(1, steps.size()));
  }
}
