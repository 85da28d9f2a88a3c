package io.lazaret.console.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

class SubscriptionTest {

  private static final int BOUND = 10;

  private final StreamHub hub = new StreamHub();
  private final Filter everything = new Filter(null, null, Set.of(), Set.of());

  /** Takes as many messages as it was told to. */
  private static final class Reader implements Flow.Subscriber<Message> {
    final List<Message> got = new ArrayList<>();
    Flow.Subscription subscription;
    boolean ended;

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
    }

    @Override
    public void onNext(Message message) {
      got.add(message);
    }

    @Override
    public void onError(Throwable error) {
      throw new AssertionError(error);
    }

    @Override
    public void onComplete() {
      ended = true;
    }
  }

  private Subscription begin(Filter filter, Reader reader) {
    Subscription subscription = new Subscription(hub, filter, null, BOUND);
    subscription.begin(reader);
    return subscription;
  }

  private static Message message(int offset, String stage) {
    return new Message(
        "event",
        String.valueOf(offset + 1),
        0,
        offset,
        new Message.Subject("nano", "s", "DetectionCompleted", stage),
        "{}");
  }

  @Test
  void aReaderThatDoesNotReadLosesItsStreamAndNothingIsKeptForIt() {
    Reader reader = new Reader();
    Subscription subscription = begin(everything, reader);
    for (int i = 0; i <= BOUND; i++) {
      assertThat(reader.ended).isFalse();
      subscription.offer(message(i, "DETECTION"));
    }
    assertThat(reader.ended).isTrue();
    assertThat(hub.size()).isZero();
    reader.subscription.request(100);
    assertThat(reader.got).isEmpty();
  }

  @Test
  void nobodyGetsMoreThanWasAskedFor() {
    Reader reader = new Reader();
    Subscription subscription = begin(everything, reader);
    reader.subscription.request(2);
    for (int i = 0; i < 5; i++) {
      subscription.offer(message(i, "DETECTION"));
    }
    assertThat(reader.got).hasSize(2).first().isSameAs(Subscription.ALIVE);
    reader.subscription.request(Long.MAX_VALUE);
    assertThat(reader.got).hasSize(6);
  }

  @Test
  void onlyWhatIsWantedWaits() {
    Reader reader = new Reader();
    Filter evaluation = new Filter("nano", null, Set.of(), Set.of("EVALUATION"));
    Subscription subscription = begin(evaluation, reader);
    for (int i = 0; i < 100; i++) {
      subscription.offer(message(i, "DETECTION"));
    }
    subscription.offer(message(100, "EVALUATION"));
    reader.subscription.request(10);
    assertThat(reader.got).extracting(Message::offset).containsExactly(-1L, 100L);
  }

  @Test
  void whoLeavesIsForgotten() {
    Reader reader = new Reader();
    Subscription subscription = begin(everything, reader);
    assertThat(hub.size()).isEqualTo(1);
    reader.subscription.cancel();
    subscription.offer(message(0, "DETECTION"));
    assertThat(hub.size()).isZero();
  }
}
