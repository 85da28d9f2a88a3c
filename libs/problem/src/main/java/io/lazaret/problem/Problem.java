package io.lazaret.problem;

import java.util.Objects;

/**
 * What went wrong, in the one form that events, the API (RFC 9457) and the command line share.
 *
 * @param code stable upper-case identifier, e.g. {@code SAFETENSORS_HEADER_TOO_LARGE}
 * @param sentence what happened, naming the file, tensor, key or line concerned
 * @param nextStep what the reader can do about it
 * @param retryable whether the same input may succeed later without anybody changing it
 */
public record Problem(String code, String sentence, String nextStep, boolean retryable) {

  public Problem {
    Objects.requireNonNull(code, "code");
    Objects.requireNonNull(sentence, "sentence");
    Objects.requireNonNull(nextStep, "nextStep");
  }

  /** A problem that only a change of the input, the settings or the machine can solve. */
  public static Problem of(String code, String sentence, String nextStep) {
    return new Problem(code, sentence, nextStep, false);
  }

  /** A problem that may pass by itself: a store that is down, a worker that was killed. */
  public static Problem passing(String code, String sentence, String nextStep) {
    return new Problem(code, sentence, nextStep, true);
  }
}
