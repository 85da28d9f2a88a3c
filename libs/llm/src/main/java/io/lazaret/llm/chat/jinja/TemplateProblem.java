package io.lazaret.llm.chat.jinja;

import io.lazaret.problem.ProblemException;

/** The problems of chat templates. */
final class TemplateProblem {

  private static final int SHOWN = 200;
  private static final String NEXT =
      "Give a template with --template, or restore the chat template from the model's source.";

  private TemplateProblem() {}

  static ProblemException syntax(int line, String finding) {
    return ProblemException.of(
        "CHAT_TEMPLATE_INVALID",
        "The chat template, line " + line + ": " + shown(finding) + ".",
        NEXT);
  }

  static ProblemException failed(String finding) {
    return ProblemException.of(
        "CHAT_TEMPLATE_FAILED", "The chat template failed: " + shown(finding) + ".", NEXT);
  }

  static ProblemException limit(String finding) {
    return ProblemException.of(
        "CHAT_TEMPLATE_LIMIT", "The chat template " + finding + ", which is the limit.", NEXT);
  }

  /** What the template itself says with raise_exception. */
  static ProblemException refused(String message) {
    return ProblemException.of(
        "CHAT_TEMPLATE_REFUSED",
        "The chat template refuses the conversation: " + shown(message),
        "Give a template with --template that takes a single user message.");
  }

  static String shown(String text) {
    StringBuilder safe = new StringBuilder();
    text.codePoints()
        .limit(SHOWN)
        .map(c -> Character.isISOControl(c) ? ' ' : c)
        .forEach(safe::appendCodePoint);
    return text.length() > SHOWN ? safe + "…" : safe.toString();
  }
}
