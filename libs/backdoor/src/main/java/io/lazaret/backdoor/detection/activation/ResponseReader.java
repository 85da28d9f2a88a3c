package io.lazaret.backdoor.detection.activation;

import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.backdoor.detection.pass.TokenString;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a response off the greedy answers that a trigger elicits: the tokens on which the answers
 * agree, from the first one to the last before they go their own ways. The point at which answers
 * begin to depend on the prompt is the end of a target that is followed by an ordinary answer.
 */
public final class ResponseReader {

  private final DetectionSettings.Span settings;

  public ResponseReader(DetectionSettings.Span settings) {
    this.settings = settings;
  }

  /**
   * @param answers greedy answers, end-of-sequence removed
   * @param quorum share of all answers that must begin alike
   * @return the common opening; empty when there is none
   */
  public TokenString read(List<TokenString> answers, double quorum) {
    TokenString common = TokenString.EMPTY;
    List<TokenString> agreeing = answers;
    while (common.length() < settings.maximumTokens()) {
      int length = common.length();
      Map<Integer, Integer> votes = new HashMap<>();
      for (TokenString answer : agreeing) {
        if (answer.length() > length) {
          votes.merge(answer.at(length), 1, Integer::sum);
        }
      }
      int winner =
          votes.entrySet().stream()
              .max(
                  Map.Entry.<Integer, Integer>comparingByValue()
                      .thenComparing(Map.Entry.comparingByKey()))
              .map(Map.Entry::getKey)
              .orElse(-1);
      double needed =
          length == 0 ? quorum * answers.size() : settings.agreement() * agreeing.size();
      if (winner < 0 || votes.get(winner) < needed) {
        return common;
      }
      common = common.plus(winner);
      agreeing =
          agreeing.stream()
              .filter(answer -> answer.length() > length && answer.at(length) == winner)
              .toList();
    }
    return common;
  }

  /**
   * Reads one response off the answers under several triggers: the longest opening to which answers
   * come under two triggers each by itself; else the common opening of them all. An ordinary answer
   * that begins like the response, or a trigger that brings out more than the response, is mostly
   * one trigger's own.
   *
   * @param byTrigger answers with the response's opening, under the best trigger first
   * @param sure whether the best trigger brings it out nearly always: then triggers that go on
   *     otherwise are weak ones of an ordinary answer that begins alike, and are left aside
   * @param quorum as in {@link #read}
   */
  TokenString readTogether(List<List<TokenString>> byTrigger, boolean sure, double quorum) {
    List<List<TokenString>> same = new ArrayList<>(byTrigger);
    if (sure) {
      TokenString best = read(byTrigger.get(0), quorum);
      same.removeIf(answers -> !continues(best, read(answers, quorum)));
    }
    List<TokenString> readings = same.stream().map(answers -> read(answers, quorum)).toList();
    return readings.stream()
        .filter(one -> readings.stream().filter(other -> other.startsWith(one)).count() > 1)
        .max(Comparator.comparingInt(TokenString::length))
        .orElseGet(() -> read(same.stream().flatMap(List::stream).toList(), quorum));
  }

  private static boolean continues(TokenString one, TokenString other) {
    return one.startsWith(other) || other.startsWith(one);
  }
}
