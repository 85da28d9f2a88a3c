package io.lazaret.lifecycle.attestation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.lifecycle.history.CanonicalBytes;
import io.lazaret.problem.ProblemException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Base64;

/**
 * Dead Simple Signing Envelopes, version 1.0.2 of the protocol: the signature is over PAE(type,
 * payload), so that it holds for one type of payload alone. Signed with Ed25519 (RFC 8032), which
 * gives the same signature for the same bytes.
 */
public final class Dsse {

  /** What an in-toto statement travels as. */
  public static final String IN_TOTO = "application/vnd.in-toto+json";

  private static final String ALGORITHM = "Ed25519";
  private static final int LARGEST_ENVELOPE = 16 << 20;
  private static final int DEEPEST_NESTING = 64;
  private static final ObjectMapper JSON = mapper();

  private Dsse() {}

  private static ObjectMapper mapper() {
    ObjectMapper mapper = new ObjectMapper();
    mapper
        .getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(DEEPEST_NESTING)
                .maxStringLength(LARGEST_ENVELOPE)
                .build());
    return mapper;
  }

  /** A short name of a key: the beginning of the hash of its X.509 form. */
  public static String keyId(PublicKey key) {
    return CanonicalBytes.sha256(key.getEncoded());
  }

  /** The envelope, as JSON text, of a signed payload. */
  public static String sign(byte[] payload, PrivateKey key, String keyId) {
    try {
      Signature signer = Signature.getInstance(ALGORITHM);
      signer.initSign(key);
      signer.update(encode(IN_TOTO, payload));
      ObjectNode envelope = JsonNodeFactory.instance.objectNode();
      envelope.put("payload", Base64.getEncoder().encodeToString(payload));
      envelope.put("payloadType", IN_TOTO);
      envelope
          .putArray("signatures")
          .addObject()
          .put("keyid", keyId)
          .put("sig", Base64.getEncoder().encodeToString(signer.sign()));
      return envelope.toString();
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every Java 17 has Ed25519", impossible);
    }
  }

  /**
   * The payload of an envelope that carries a signature by this key.
   *
   * @throws ProblemException ATTESTATION_UNREADABLE, ATTESTATION_FORGED
   */
  public static byte[] verify(byte[] envelope, PublicKey key) {
    if (envelope.length > LARGEST_ENVELOPE) {
      throw unreadable("it has " + envelope.length + " bytes");
    }
    try {
      JsonNode node = JSON.readTree(envelope);
      String type = node.path("payloadType").asText();
      byte[] payload = Base64.getDecoder().decode(node.path("payload").asText());
      if (!type.equals(IN_TOTO)) {
        throw unreadable("its payload is not an in-toto statement");
      }
      for (JsonNode signature : node.path("signatures")) {
        if (holds(key, payload, Base64.getDecoder().decode(signature.path("sig").asText()))) {
          return payload;
        }
      }
    } catch (JsonProcessingException | IllegalArgumentException refused) {
      throw unreadable("it is not an envelope");
    } catch (java.io.IOException impossible) {
      throw new java.io.UncheckedIOException(impossible);
    }
    throw ProblemException.of(
        "ATTESTATION_FORGED",
        "The attestation carries no signature by key " + keyId(key) + ".",
        "Get the attestation from its source again, or name the key that it was signed with.");
  }

  private static boolean holds(PublicKey key, byte[] payload, byte[] signature) {
    try {
      Signature verifier = Signature.getInstance(ALGORITHM);
      verifier.initVerify(key);
      verifier.update(encode(IN_TOTO, payload));
      return verifier.verify(signature);
    } catch (GeneralSecurityException notASignature) {
      return false;
    }
  }

  /** PAE: "DSSEv1", and type and payload, each after its length. */
  private static byte[] encode(String type, byte[] payload) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String head =
        "DSSEv1 "
            + type.getBytes(StandardCharsets.UTF_8).length
            + " "
            + type
            + " "
            + payload.length
            + " ";
    out.writeBytes(head.getBytes(StandardCharsets.UTF_8));
    out.writeBytes(payload);
    return out.toByteArray();
  }

  private static ProblemException unreadable(String why) {
    return ProblemException.of(
        "ATTESTATION_UNREADABLE",
        "The attestation cannot be read: " + why + ".",
        "Get it from its source again.");
  }
}
