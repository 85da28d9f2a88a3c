package io.lazaret.lifecycle.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.problem.ProblemException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import org.junit.jupiter.api.Test;

class DsseTest {

  private static final byte[] PAYLOAD = "{\"_type\":\"x\"}".getBytes(StandardCharsets.UTF_8);

  private final KeyPair key = pair();
  private final byte[] envelope =
      Dsse.sign(PAYLOAD, key.getPrivate(), Dsse.keyId(key.getPublic()))
          .getBytes(StandardCharsets.UTF_8);

  private static KeyPair pair() {
    try {
      return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void givesBackWhatWasSigned() {
    assertThat(Dsse.verify(envelope, key.getPublic())).isEqualTo(PAYLOAD);
    assertThat(Dsse.sign(PAYLOAD, key.getPrivate(), Dsse.keyId(key.getPublic())))
        .isEqualTo(new String(envelope, StandardCharsets.UTF_8));
  }

  @Test
  void everyFlippedByteIsRefusedOrLeavesThePayload() {
    for (int i = 0; i < envelope.length; i++) {
      byte[] damaged = envelope.clone();
      damaged[i] ^= 1;
      byte[] read;
      try {
        read = Dsse.verify(damaged, key.getPublic());
      } catch (ProblemException refused) {
        continue;
      }
      // Only the name of the key and unused bits of the encoding are outside the signature.
      assertThat(read).as("byte " + i).isEqualTo(PAYLOAD);
    }
  }

  @Test
  void anotherKeyIsRefused() {
    assertThatThrownBy(() -> Dsse.verify(envelope, pair().getPublic()))
        .hasMessageStartingWith("ATTESTATION_FORGED");
  }

  @Test
  void keysSurviveTheirText() {
    assertThat(KeyText.publicKey(KeyText.of(key.getPublic()))).isEqualTo(key.getPublic());
    assertThat(KeyText.privateKey(KeyText.of(key.getPrivate()))).isEqualTo(key.getPrivate());
    assertThatThrownBy(() -> KeyText.publicKey("-----BEGIN PUBLIC KEY-----\n!!\n"))
        .hasMessageStartingWith("KEY_UNREADABLE");
  }
}
