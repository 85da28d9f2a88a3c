package io.lazaret.service;

import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every error as {@code application/problem+json} (RFC 9457). */
public class ProblemResponses {

  public static final String MEDIA_TYPE = "application/problem+json";

  private static final Logger LOG = LoggerFactory.getLogger(ProblemResponses.class);

  /** Status of a request of which nobody knows who sent it. */
  public static final int UNAUTHORIZED = 401;

  private static final int BAD_REQUEST = 400;
  private static final int INTERNAL_ERROR = 500;
  private static final int UNAVAILABLE = 503;

  /** Codes whose status is neither 400 (refused) nor 503 (may pass). */
  private static final Map<String, Integer> STATUS =
      Map.ofEntries(
          Map.entry("TOKEN_MISSING", UNAUTHORIZED),
          Map.entry("TOKEN_INVALID", UNAUTHORIZED),
          Map.entry("TOKEN_EXPIRED", UNAUTHORIZED),
          Map.entry("ROLE_UNKNOWN", UNAUTHORIZED),
          Map.entry("FORBIDDEN", 403),
          Map.entry("CROSS_SITE_REFUSED", 403),
          Map.entry("HOST_REFUSED", 421),
          Map.entry("LENGTH_REQUIRED", 411),
          Map.entry("BODY_TOO_LARGE", 413),
          Map.entry("TOO_MANY_STREAMS", 429),
          Map.entry("RECORD_UNKNOWN", 404),
          Map.entry("EVIDENCE_TOO_LARGE", 413),
          Map.entry("DLQ_LETTER_UNKNOWN", 404),
          Map.entry("UPLOAD_UNKNOWN", 404),
          Map.entry("RECEIVER_UNKNOWN", 404),
          Map.entry("SCREENING_UNKNOWN", 404),
          Map.entry("HISTORY_UNKNOWN", 404),
          Map.entry("MODEL_UNKNOWN", 404),
          Map.entry("MODEL_FILE_UNKNOWN", 404),
          Map.entry("OBJECT_NOT_FOUND", 404),
          Map.entry("CHANNEL_UNKNOWN", 404),
          Map.entry("CHECKPOINT_UNKNOWN", 404),
          Map.entry("ATTESTATION_UNKNOWN", 404),
          Map.entry("UPLOAD_SUBMITTED", 409),
          Map.entry("APPROVAL_SAME_PERSON", 409),
          Map.entry("APPROVAL_BY_REQUESTER", 409),
          Map.entry("NOTHING_TO_DECIDE", 409),
          Map.entry("CHANNEL_EMPTY", 409),
          Map.entry("CHANNEL_UNCHANGED", 409),
          Map.entry("CHECKPOINT_WITHDRAWN", 409),
          Map.entry("PROMOTION_NEEDS_APPROVALS", 409),
          Map.entry("RESCREENING_AT_WORK", 409),
          Map.entry("TRIGGER_KNOWN", 409),
          Map.entry("REQUEST_STALE", 412),
          Map.entry("FILE_TOO_LARGE", 413),
          Map.entry("TOO_MANY_UPLOADS", 429),
          Map.entry("DISK_FULL", 507));

  @ServerExceptionMapper
  public Response problem(ProblemException e) {
    return of(e.problem());
  }

  @ServerExceptionMapper
  public Response web(WebApplicationException e) {
    int status = e.getResponse().getStatus();
    return response(
        status,
        Problem.of(
            "HTTP_" + status,
            String.valueOf(e.getMessage()),
            "Compare the request with the description of the interface."));
  }

  @ServerExceptionMapper
  public Response mismatched(MismatchedInputException e) {
    return of(
        Problem.of(
            "BODY_MALFORMED",
            "The body is not the JSON document that this request takes.",
            "Compare it with the description of the interface."));
  }

  @ServerExceptionMapper
  public Response unexpected(Exception e) {
    LOG.error("a request failed", e);
    return response(
        INTERNAL_ERROR,
        Problem.passing(
            "INTERNAL_ERROR",
            "The service failed on this request: " + e.getClass().getSimpleName() + ".",
            "Try again; report it with the log of the service if it keeps failing."));
  }

  /** The response that tells a problem. */
  public static Response of(Problem problem) {
    return response(status(problem), problem);
  }

  /** A problem as it is sent. */
  public record Rendered(int status, String body) {}

  /** The problem, for answers that are given without JAX-RS. */
  public static Rendered render(Problem problem) {
    int status = status(problem);
    return new Rendered(status, body(status, problem));
  }

  private static int status(Problem problem) {
    return STATUS.getOrDefault(problem.code(), problem.retryable() ? UNAVAILABLE : BAD_REQUEST);
  }

  private static Response response(int status, Problem problem) {
    return Response.status(status).type(MEDIA_TYPE).entity(body(status, problem)).build();
  }

  private static String body(int status, Problem problem) {
    Response.StatusType type = Response.Status.fromStatusCode(status);
    return JsonNodeFactory.instance
        .objectNode()
        .put("type", "urn:lazaret:problem:" + problem.code())
        .put("title", type == null ? "Error" : type.getReasonPhrase())
        .put("status", status)
        .put("detail", problem.sentence())
        .put("code", problem.code())
        .put("nextStep", problem.nextStep())
        .put("retryable", problem.retryable())
        .toString();
  }
}
