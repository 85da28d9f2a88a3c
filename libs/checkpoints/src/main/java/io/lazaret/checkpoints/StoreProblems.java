package io.lazaret.checkpoints;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.MinioException;
import java.io.IOException;
import java.util.Set;
import java.util.regex.Pattern;

/** Failures of store and disk as problems. */
final class StoreProblems {

  static final String OBJECT_CORRUPT = "OBJECT_CORRUPT";

  private static final Set<String> MISSING = Set.of("NoSuchKey", "NoSuchObject", "NoSuchBucket");
  private static final Set<String> OWNED = Set.of("BucketAlreadyOwnedByYou", "BucketAlreadyExists");
  private static final Set<String> REFUSED =
      Set.of("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch");

  private static final Pattern FULL =
      Pattern.compile("No space left|quota exceeded|File too large", Pattern.CASE_INSENSITIVE);

  private StoreProblems() {}

  static ProblemException of(S3Settings store, String key, MinioException e) {
    String code = e instanceof ErrorResponseException refused ? refused.errorResponse().code() : "";
    if (missing(e)) {
      return new ProblemException(
          Problem.of(
              "OBJECT_NOT_FOUND",
              store.bucket() + "/" + key + " is not in the store.",
              "Restore it from a backup, or ingest the model again."),
          e);
    }
    if (REFUSED.contains(code)) {
      return new ProblemException(
          Problem.of(
              "STORE_REFUSED",
              "The store at " + store.endpoint() + " refused access: " + code + ".",
              "Check lazaret.s3.access-key, lazaret.s3.secret-key and the bucket's policy."),
          e);
    }
    return unavailable(store, key, e);
  }

  static ProblemException unavailable(S3Settings store, String key, Exception e) {
    return new ProblemException(
        Problem.passing(
            "STORE_UNAVAILABLE",
            "The store at " + store.endpoint() + " did not serve " + key + ": " + e.getMessage(),
            "Check that it runs and that lazaret.s3.endpoint is right."),
        e);
  }

  static boolean missing(MinioException e) {
    return e instanceof ErrorResponseException refused
        && MISSING.contains(refused.errorResponse().code());
  }

  static boolean ownedAlready(MinioException e) {
    return e instanceof ErrorResponseException refused
        && OWNED.contains(refused.errorResponse().code());
  }

  static boolean precondition(MinioException e) {
    return e instanceof ErrorResponseException refused
        && (refused.response().code() == 412
            || "PreconditionFailed".equals(refused.errorResponse().code()));
  }

  static ProblemException corrupt(StoredObject expected, String found) {
    return ProblemException.of(
        OBJECT_CORRUPT,
        "%s/%s should have sha256 %s and %d bytes, but has %s."
            .formatted(
                expected.bucket(), expected.key(), expected.sha256(), expected.size(), found),
        "Do not use it; restore it from a backup, or ingest the model again.");
  }

  static ProblemException tooMany(String bucket, String prefix, int limit) {
    return ProblemException.of(
        "STORE_TOO_MANY_OBJECTS",
        bucket + "/" + prefix + " holds more than " + limit + " objects.",
        "Move what is done out of the prefix.");
  }

  /** DISK_FULL before anything is written. */
  static ProblemException noRoom(String what, long needed, long usable) {
    return new ProblemException(
        Problem.passing(
            "DISK_FULL",
            "%s needs %d bytes, the disk has %d left.".formatted(what, needed, usable),
            "Free space in the work directory and try again."));
  }

  static ProblemException disk(String what, IOException e) {
    boolean full = FULL.matcher(String.valueOf(e.getMessage())).find();
    return new ProblemException(
        full
            ? Problem.passing(
                "DISK_FULL",
                "The disk is full; " + what + " was not kept.",
                "Free space in the work directory and try again.")
            : Problem.passing(
                "DISK_FAILED",
                what + " could not be read or written: " + e.getMessage(),
                "Check the work directory and its permissions."),
        e);
  }
}
