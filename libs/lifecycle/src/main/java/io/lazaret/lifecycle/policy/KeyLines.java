package io.lazaret.lifecycle.policy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** On which line of a policy text each key stands. */
record KeyLines(Map<String, Integer> lines) {

  /** The keys up to where the text can be read. */
  static KeyLines of(String text) {
    Map<String, Integer> lines = new HashMap<>();
    Deque<String> path = new ArrayDeque<>();
    try (JsonParser parser = PolicyReader.tokens().createParser(text)) {
      String key = "";
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        switch (token) {
          case START_OBJECT -> path.addLast(key.isEmpty() ? "" : key + ".");
          case END_OBJECT -> path.removeLast();
          case FIELD_NAME -> {
            key = path.getLast() + parser.currentName();
            lines.putIfAbsent(key, parser.currentTokenLocation().getLineNr());
          }
          default -> {}
        }
      }
    } catch (IOException unreadableFromHere) {
      // whoever reads the text for its content says so
    }
    return new KeyLines(lines);
  }

  /** The same problem, naming the line of the key that its sentence names. */
  ProblemException located(ProblemException refused) {
    Problem problem = refused.problem();
    return line(problem.sentence())
        .map(
            line ->
                new ProblemException(
                    new Problem(
                        problem.code(),
                        "Line " + line + ": " + problem.sentence(),
                        problem.nextStep(),
                        problem.retryable())))
        .orElse(refused);
  }

  private Optional<Integer> line(String sentence) {
    return lines.keySet().stream()
        .filter(key -> sentence.startsWith("Policy key " + key + " "))
        .max(Comparator.comparingInt(String::length))
        .map(lines::get);
  }
}
