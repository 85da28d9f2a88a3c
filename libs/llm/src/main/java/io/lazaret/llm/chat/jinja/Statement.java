package io.lazaret.llm.chat.jinja;

import java.util.List;

/** A statement of a template. */
sealed interface Statement {

  record Text(String text) implements Statement {}

  record Print(Expression value) implements Statement {}

  /** The branch of the first true condition runs; the last condition may be null for else. */
  record If(List<Expression> conditions, List<List<Statement>> branches) implements Statement {}

  /** {@code filter} is null where there is none. */
  record For(
      List<String> targets,
      Expression items,
      Expression filter,
      List<Statement> body,
      List<Statement> otherwise)
      implements Statement {}

  record Set(List<String> names, Expression value) implements Statement {}

  record SetAttribute(String name, String attribute, Expression value) implements Statement {}

  /** The rendered body becomes the value. */
  record SetBody(String name, List<Statement> body) implements Statement {}

  /** Defaults belong to the last parameters. */
  record Macro(
      String name, List<String> parameters, List<Expression> defaults, List<Statement> body)
      implements Statement {}

  /** What the model itself says; it renders as it is. */
  record Generation(List<Statement> body) implements Statement {}

  record Break() implements Statement {}

  record Continue() implements Statement {}
}
