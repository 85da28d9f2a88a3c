package io.lazaret.llm.chat.jinja;

/** What a name or key that is not there gives: empty, false, and an error when it is used. */
record Undefined(String name) {

  RuntimeException used() {
    return TemplateProblem.failed("'" + name + "' is undefined");
  }
}
