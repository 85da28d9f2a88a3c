package io.lazaret.notification;

import static io.lazaret.notification.Sender.Result.Fate.ARRIVED;
import static io.lazaret.notification.Sender.Result.Fate.PASSING;
import static io.lazaret.notification.Sender.Result.Fate.REFUSED;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeliveryTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private HttpReceiver http;

  @BeforeEach
  void listen() throws IOException {
    http = new HttpReceiver();
  }

  @AfterEach
  void stop() {
    http.close();
  }

  @Test
  void aWebhookIsSignedOverIdTimeAndBody() throws Exception {
    to(Receiver.Format.WEBHOOK).deliver(Samples.notice("e-1", "m"));
    HttpReceiver.Post post = http.posts.get(0);
    String signed = "e-1." + Samples.NOON.getEpochSecond() + "." + post.body();
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec("whsec".getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    String expected =
        Base64.getEncoder().encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
    assertThat(post.headers())
        .containsEntry("webhook-signature", "v1," + expected)
        .containsEntry("webhook-id", "e-1")
        .containsEntry("Idempotency-Key", "e-1");
    JsonNode body = JSON.readTree(post.body());
    assertThat(body.path("type").asText()).isEqualTo("lazaret.rejected");
    assertThat(body.path("thread").asText()).isEqualTo("m");
    assertThat(body.path("href").asText()).isEqualTo("https://console.example/#/screenings/s");
  }

  @Test
  void aRepeatedDeliveryCarriesTheSameKey() {
    Delivery delivery = to(Receiver.Format.WEBHOOK);
    delivery.deliver(Samples.notice("e-1", "m"));
    delivery.deliver(Samples.notice("e-1", "m"));
    assertThat(http.posts)
        .extracting(post -> post.headers().get("Idempotency-Key"))
        .containsExactly("e-1", "e-1");
  }

  @Test
  void slackTextOfAStrangerMentionsAndFormatsNothing() throws Exception {
    to(Receiver.Format.SLACK).deliver(Samples.notice("e", "<!here>\u001b[31m*bold*"));
    String text = JSON.readTree(http.posts.get(0).body()).at("/blocks/0/text/text").asText();
    assertThat(text)
        .contains("&lt;!here&gt;[31m∗bold∗", "&lt;!channel&gt; ∗badly∗")
        .doesNotContain("<!", "\u001b");
  }

  @Test
  void aBotKeepsOneMessagePerModelAndAnswersInItsThread() throws Exception {
    http.answering(200, "{\"ok\": true, \"ts\": \"1.1\"}");
    Delivery delivery = to(Receiver.Format.SLACK_BOT);
    delivery.deliver(Samples.notice("e-1", "m"));
    Notice later = Notice.of(Samples.rolledBack("e-2", "m")).orElseThrow();
    assertThat(delivery.deliver(later).fate()).isEqualTo(ARRIVED);
    delivery.deliver(Samples.notice("e-3", "other"));
    assertThat(http.posts)
        .extracting(HttpReceiver.Post::path)
        .containsExactly(
            "/chat.postMessage", "/chat.update", "/chat.postMessage", "/chat.postMessage");
    assertThat(JSON.readTree(http.posts.get(1).body()).path("ts").asText()).isEqualTo("1.1");
    assertThat(JSON.readTree(http.posts.get(2).body()).path("thread_ts").asText()).isEqualTo("1.1");
    assertThat(JSON.readTree(http.posts.get(3).body()).has("thread_ts")).isFalse();
    assertThat(http.posts.get(0).headers()).containsEntry("Authorization", "Bearer whsec");
  }

  @Test
  void aThreadIsFoundAgainAfterARestartAndBegunAnewWhenItsMessageIsGone() {
    http.answering(200, "{\"ok\": true, \"ts\": \"1.1\"}");
    to(Receiver.Format.SLACK_BOT).deliver(Samples.notice("e-1", "m"));
    http.answering(200, "{\"ok\": false, \"error\": \"message_not_found\"}")
        .answering(200, "{\"ok\": true, \"ts\": \"2.2\"}");
    // The first prepared answer is taken by the next call.
    to(Receiver.Format.SLACK).deliver(Samples.notice("e-x", "m"));
    assertThat(to(Receiver.Format.SLACK_BOT).deliver(Samples.notice("e-2", "m")).fate())
        .isEqualTo(ARRIVED);
    assertThat(http.posts)
        .extracting(HttpReceiver.Post::path)
        .containsExactly("/chat.postMessage", "/", "/chat.update", "/chat.postMessage");
    assertThat(new ReceiverState(folder.resolve("ops.json")).thread("m")).contains("2.2");
  }

  @Test
  void whatSlackSaysDecidesWhetherItIsTriedAgain() {
    http.answering(200, "{\"ok\": false, \"error\": \"ratelimited\"}")
        .answering(200, "{\"ok\": false, \"error\": \"channel_not_found\"}")
        .answering(200, "<html>");
    Delivery delivery = to(Receiver.Format.SLACK_BOT);
    assertThat(delivery.deliver(Samples.notice("e", "m")).fate()).isEqualTo(PASSING);
    assertThat(delivery.deliver(Samples.notice("e", "m")).fate()).isEqualTo(REFUSED);
    assertThat(delivery.deliver(Samples.notice("e", "m")).fate()).isEqualTo(REFUSED);
  }

  private Delivery to(Receiver.Format format) {
    Receiver receiver = Samples.receiver(format, http.address(), true);
    Sender sender =
        new Sender(
            receiver, host -> List.of(InetAddress.getAllByName(host)), Duration.ofSeconds(5));
    return Delivery.to(
        receiver,
        sender,
        new Messages("https://console.example/"),
        new ReceiverState(folder.resolve("ops.json")),
        Samples.CLOCK);
  }
}
