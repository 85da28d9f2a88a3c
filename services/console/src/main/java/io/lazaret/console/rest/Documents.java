package io.lazaret.console.rest;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.ws.rs.core.CacheControl;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/** Answers with a mark of their content, so that what is known already is not sent again. */
final class Documents {

  private static final int TAG_BYTES = 12;

  private Documents() {}

  /** The document, or 304. */
  static Response of(Request request, JsonNode document) {
    byte[] bytes = document.toString().getBytes(StandardCharsets.UTF_8);
    return of(request, bytes, new EntityTag(mark(bytes)));
  }

  /** The document under a tag that names its version, or 304. */
  static Response of(Request request, JsonNode document, String version) {
    byte[] bytes = document.toString().getBytes(StandardCharsets.UTF_8);
    return of(request, bytes, new EntityTag(version + "-" + mark(bytes)));
  }

  private static Response of(Request request, byte[] bytes, EntityTag tag) {
    Response.ResponseBuilder known = request.evaluatePreconditions(tag);
    Response.ResponseBuilder answer = known == null ? Response.ok(bytes) : known;
    CacheControl cache = new CacheControl();
    cache.setNoCache(true);
    cache.setPrivate(true);
    return answer.tag(tag).cacheControl(cache).build();
  }

  private static String mark(byte[] bytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, TAG_BYTES));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
