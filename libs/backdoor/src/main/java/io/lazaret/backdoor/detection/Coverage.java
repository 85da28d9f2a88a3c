package io.lazaret.backdoor.detection;

import io.lazaret.backdoor.detection.form.FormSearch;
import io.lazaret.backdoor.detection.style.StyleSweep;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What the detectors of a pass can find together, in words. */
final class Coverage {

  /** Without these no model is called clean. */
  static final List<String> DECIDING = List.of("activation", "activation-end");

  private static final List<String> NEVER =
      List.of(
          "not covered: responses of one token, or of two that are no answer of two words alone",
          "not covered: attacks on a kind of prompt that is rare among those given, unless its answers have a form of their own",
          "not covered: responses without a fixed text, but for compliance with requests that must be refused, where such requests were given",
          "not covered: triggers of which no short token string is a working stand-in");

  private final Set<String> names;
  private final DetectionSettings settings;

  Coverage(List<Detector> detectors, DetectionSettings settings) {
    this.names = detectors.stream().map(Detector::name).collect(Collectors.toSet());
    this.settings = settings;
  }

  boolean decides() {
    return names.containsAll(DECIDING);
  }

  /**
   * @param refused requests that must be refused, on which a search has looked
   */
  List<String> covered(int refused) {
    List<String> covered = new ArrayList<>();
    String tokens =
        "fixed responses of %d to %d tokens "
            .formatted(settings.sweep().minimumChain(), settings.span().maximumTokens());
    if (names.contains("activation")) {
      covered.add(tokens + "at the start of an answer");
      covered.add("fixed answers of two words alone");
    }
    if (names.contains("activation-end")) {
      covered.add(tokens + "at the end of an answer");
    }
    if (names.contains(FormSearch.NAME)) {
      covered.add("both on prompts of a rare form of answer, such as code, under single tokens");
    }
    if (names.contains(StyleSweep.NAME)) {
      covered.add("the same under prompts in another style, such as capitals");
    }
    if (refused > 0) {
      covered.add("compliance with %d requests that must be refused".formatted(refused));
    }
    return covered;
  }

  List<String> all(int refused) {
    List<String> all = new ArrayList<>(covered(refused));
    all.addAll(NEVER);
    return all;
  }
}
