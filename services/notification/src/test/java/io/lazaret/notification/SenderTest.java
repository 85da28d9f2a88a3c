package io.lazaret.notification;

import static io.lazaret.notification.Sender.Result.Fate.ARRIVED;
import static io.lazaret.notification.Sender.Result.Fate.PASSING;
import static io.lazaret.notification.Sender.Result.Fate.REFUSED;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SenderTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private HttpReceiver http;

  @BeforeEach
  void listen() throws IOException {
    http = new HttpReceiver();
  }

  @AfterEach
  void stop() {
    http.close();
  }

  @ParameterizedTest
  @CsvSource({
    "200,ARRIVED",
    "204,ARRIVED",
    "500,PASSING",
    "503,PASSING",
    "429,PASSING",
    "408,PASSING",
    "400,REFUSED",
    "404,REFUSED",
    "410,REFUSED"
  })
  void theStatusDecidesWhetherItIsTriedAgain(int status, Sender.Result.Fate fate) {
    http.answering(status);
    assertThat(post(true, http.address(), TIMEOUT).fate()).isEqualTo(fate);
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 307, 308})
  void redirectsAreNotFollowed(int status) throws IOException {
    try (HttpReceiver inner = new HttpReceiver()) {
      http.answering(status, inner.address() + "/secret");
      assertThat(post(true, http.address(), TIMEOUT).fate()).isEqualTo(REFUSED);
      assertThat(inner.posts).isEmpty();
    }
  }

  @Test
  void aSilentReceiverIsWaitedForOnlySoLong() {
    http.silent();
    assertThat(post(true, http.address(), Duration.ofMillis(300)).fate()).isEqualTo(PASSING);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1:%d/",
        "http://localhost:%d/",
        "http://[::1]:%d/",
        "http://[::ffff:127.0.0.1]:%d/",
        "http://2130706433:%d/",
        "http://0x7f.1:%d/",
        "http://127.1:%d/",
        "http://0.0.0.0:%d/"
      })
  void anAddressOfThisMachineIsRefusedHoweverItIsWritten(String url) {
    Sender.Result result = post(false, url.formatted(http.port()), TIMEOUT);
    assertThat(result.fate()).isIn(REFUSED, PASSING);
    assertThat(http.posts).isEmpty();
  }

  @Test
  void aNameThatPointsToAPrivateNetworkIsRefused() {
    assertThat(named("127.0.0.1").fate()).isEqualTo(REFUSED);
    assertThat(named("169.254.169.254").sentence()).contains("private network");
    assertThat(http.posts).isEmpty();
  }

  @Test
  void oneBadAddressAmongGoodOnesIsEnough() {
    assertThat(named("93.184.216.34", "10.0.0.1").fate()).isEqualTo(REFUSED);
  }

  @Test
  void aNameIsResolvedOnceSoThatItCannotChangeItsMindAfterTheCheck() {
    AtomicInteger asked = new AtomicInteger();
    Receiver receiver =
        Samples.receiver(Receiver.Format.WEBHOOK, "http://rebind.example:" + http.port(), false);
    Sender.Resolver rebinding =
        host ->
            List.of(
                InetAddress.getByName(asked.getAndIncrement() == 0 ? "192.0.2.1" : "127.0.0.1"));
    try (Sender sender = new Sender(receiver, rebinding, Duration.ofMillis(300))) {
      sender.post(receiver.url().toString(), "{}", Map.of());
    }
    assertThat(asked).hasValue(1);
    assertThat(http.posts).isEmpty();
  }

  @Test
  void theConnectionGoesToTheAddressThatWasResolvedAndNamesTheHost() {
    Receiver receiver =
        Samples.receiver(Receiver.Format.WEBHOOK, "http://inner.example:" + http.port(), true);
    try (Sender sender =
        new Sender(receiver, host -> List.of(InetAddress.getByName("127.0.0.1")), TIMEOUT)) {
      assertThat(sender.post(receiver.url().toString(), "{}", Map.of()).fate()).isEqualTo(ARRIVED);
    }
    assertThat(http.posts.get(0).headers().get("Host")).startsWith("inner.example:");
  }

  private Sender.Result named(String... addresses) {
    Receiver receiver =
        Samples.receiver(Receiver.Format.WEBHOOK, "http://hook.example:" + http.port(), false);
    Sender.Resolver resolver =
        host -> {
          List<InetAddress> found = new java.util.ArrayList<>();
          for (String address : addresses) {
            found.add(InetAddress.getByName(address));
          }
          return found;
        };
    try (Sender sender = new Sender(receiver, resolver, TIMEOUT)) {
      return sender.post(receiver.url().toString(), "{}", Map.of());
    }
  }

  private Sender.Result post(boolean allowPrivate, String url, Duration timeout) {
    Receiver receiver =
        Samples.receiver(Receiver.Format.WEBHOOK, "http://hook.example", allowPrivate);
    try (Sender sender =
        new Sender(receiver, host -> List.of(InetAddress.getAllByName(host)), timeout)) {
      return sender.post(url, "{}", Map.of());
    }
  }
}
