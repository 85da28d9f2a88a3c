package io.lazaret.llm.chat.jinja;

import java.util.List;
import java.util.Map;

/** An expression of a template. */
sealed interface Expression {

  record Literal(Object value) implements Expression {}

  record Name(String name) implements Expression {}

  record ListOf(List<Expression> items) implements Expression {}

  record DictOf(List<Expression> keys, List<Expression> values) implements Expression {}

  record Attribute(Expression of, String name) implements Expression {}

  record Item(Expression of, Expression key) implements Expression {}

  /** Parts that are left out are null. */
  record Slice(Expression of, Expression from, Expression to, Expression step)
      implements Expression {}

  record Call(Expression function, Arguments arguments) implements Expression {}

  record Filter(Expression of, String name, Arguments arguments) implements Expression {}

  record Test(Expression of, String name, Arguments arguments, boolean negated)
      implements Expression {}

  record Unary(String operator, Expression of) implements Expression {}

  record Binary(String operator, Expression left, Expression right) implements Expression {}

  /** Chained comparison: each operator compares neighbours. */
  record Compare(Expression first, List<String> operators, List<Expression> others)
      implements Expression {}

  record Concat(List<Expression> parts) implements Expression {}

  /** {@code otherwise} is null where there is no else. */
  record Choice(Expression condition, Expression then, Expression otherwise)
      implements Expression {}

  record Arguments(List<Expression> positional, Map<String, Expression> named) {

    static final Arguments NONE = new Arguments(List.of(), Map.of());
  }
}
