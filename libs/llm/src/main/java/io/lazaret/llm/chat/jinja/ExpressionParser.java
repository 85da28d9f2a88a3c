package io.lazaret.llm.chat.jinja;

import io.lazaret.llm.chat.jinja.Expression.Arguments;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parses expressions, in the order of precedence of Jinja 3.1. */
final class ExpressionParser {

  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", ">", "<=", ">=");
  private static final Set<String> NO_ARGUMENT =
      Set.of("else", "or", "and", "is", "if", "in", "not");

  private final TokenStream tokens;

  ExpressionParser(TokenStream tokens) {
    this.tokens = tokens;
  }

  /** An expression, or several with commas between them: a list. */
  Expression tuple() {
    Expression first = expression();
    if (!tokens.isOperator(",")) {
      return first;
    }
    List<Expression> items = new ArrayList<>(List.of(first));
    while (tokens.skipOperator(",")) {
      if (tokens.atTagEnd() || tokens.isOperator(")") || tokens.isOperator("=")) {
        break;
      }
      items.add(expression());
    }
    return new Expression.ListOf(items);
  }

  Expression expression() {
    tokens.enter();
    Expression value = or();
    while (tokens.skipName("if")) {
      Expression condition = or();
      Expression otherwise = tokens.skipName("else") ? expression() : null;
      value = new Expression.Choice(condition, value, otherwise);
    }
    tokens.leave();
    return value;
  }

  /** As {@link #expression} without {@code if}, which ends the list of a for statement. */
  Expression or() {
    Expression left = and();
    while (tokens.skipName("or")) {
      left = new Expression.Binary("or", left, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (tokens.skipName("and")) {
      left = new Expression.Binary("and", left, not());
    }
    return left;
  }

  private Expression not() {
    if (!tokens.skipName("not")) {
      return compare();
    }
    tokens.enter();
    Expression negated = new Expression.Unary("not", not());
    tokens.leave();
    return negated;
  }

  private Expression compare() {
    Expression first = sum();
    List<String> operators = new ArrayList<>();
    List<Expression> others = new ArrayList<>();
    while (true) {
      String operator = comparison();
      if (operator == null) {
        break;
      }
      operators.add(operator);
      others.add(sum());
    }
    return operators.isEmpty() ? first : new Expression.Compare(first, operators, others);
  }

  private String comparison() {
    Token token = tokens.peek();
    if (token.kind() == Token.Kind.OPERATOR && COMPARISONS.contains(token.text())) {
      return tokens.next().text();
    }
    if (tokens.skipName("in")) {
      return "in";
    }
    if (tokens.isName("not") && tokens.peekSecond().is(Token.Kind.NAME, "in")) {
      tokens.next();
      tokens.next();
      return "not in";
    }
    return null;
  }

  private Expression sum() {
    Expression left = concat();
    while (tokens.isOperator("+") || tokens.isOperator("-")) {
      left = new Expression.Binary(tokens.next().text(), left, concat());
    }
    return left;
  }

  private Expression concat() {
    Expression first = product();
    if (!tokens.isOperator("~")) {
      return first;
    }
    List<Expression> parts = new ArrayList<>(List.of(first));
    while (tokens.skipOperator("~")) {
      parts.add(product());
    }
    return new Expression.Concat(parts);
  }

  private Expression product() {
    Expression left = power();
    while (tokens.isOperator("*")
        || tokens.isOperator("/")
        || tokens.isOperator("//")
        || tokens.isOperator("%")) {
      left = new Expression.Binary(tokens.next().text(), left, power());
    }
    return left;
  }

  private Expression power() {
    Expression left = unary(true);
    while (tokens.isOperator("**")) {
      left = new Expression.Binary(tokens.next().text(), left, unary(true));
    }
    return left;
  }

  private Expression unary(boolean filters) {
    tokens.enter();
    Expression value;
    if (tokens.isOperator("-") || tokens.isOperator("+")) {
      value = new Expression.Unary(tokens.next().text(), unary(false));
    } else {
      value = primary();
    }
    value = postfix(value);
    if (filters) {
      value = filters(value);
    }
    tokens.leave();
    return value;
  }

  private Expression primary() {
    Token token = tokens.next();
    return switch (token.kind()) {
      case NAME -> name(token.text());
      case STRING -> {
        StringBuilder text = new StringBuilder(token.text());
        while (tokens.peek().kind() == Token.Kind.STRING) {
          text.append(tokens.next().text());
        }
        yield new Expression.Literal(text.toString());
      }
      case INTEGER -> new Expression.Literal(integer(token));
      case FLOAT -> new Expression.Literal(Double.valueOf(token.text()));
      case OPERATOR -> bracket(token);
      default -> throw tokens.error(token, "an expression is missing");
    };
  }

  private long integer(Token token) {
    try {
      return Long.parseLong(token.text());
    } catch (NumberFormatException e) {
      throw tokens.error(token, "the number " + token.text() + " is beyond 64 bits");
    }
  }

  private static Expression name(String name) {
    return switch (name) {
      case "true", "True" -> new Expression.Literal(true);
      case "false", "False" -> new Expression.Literal(false);
      case "none", "None" -> new Expression.Literal(null);
      default -> new Expression.Name(name);
    };
  }

  private Expression bracket(Token token) {
    return switch (token.text()) {
      case "(" -> {
        if (tokens.skipOperator(")")) {
          yield new Expression.ListOf(List.of());
        }
        Expression inner = tuple();
        tokens.expectOperator(")");
        yield inner;
      }
      case "[" -> {
        List<Expression> items = new ArrayList<>();
        while (!tokens.skipOperator("]")) {
          items.add(expression());
          tokens.separator("]");
        }
        yield new Expression.ListOf(items);
      }
      case "{" -> dict();
      default -> throw tokens.error(token, "an expression is missing");
    };
  }

  private Expression dict() {
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!tokens.skipOperator("}")) {
      keys.add(expression());
      tokens.expectOperator(":");
      values.add(expression());
      tokens.separator("}");
    }
    return new Expression.DictOf(keys, values);
  }

  private Expression postfix(Expression start) {
    Expression value = start;
    while (true) {
      if (tokens.skipOperator(".")) {
        Token token = tokens.next();
        value =
            switch (token.kind()) {
              case NAME -> new Expression.Attribute(value, token.text());
              case INTEGER -> new Expression.Item(value, new Expression.Literal(integer(token)));
              default -> throw tokens.error(token, "a name must follow the dot");
            };
      } else if (tokens.skipOperator("[")) {
        value = subscript(value);
      } else if (tokens.skipOperator("(")) {
        value = new Expression.Call(value, arguments());
      } else {
        return value;
      }
    }
  }

  private Expression subscript(Expression of) {
    Expression[] parts = new Expression[3];
    int part = 0;
    boolean slice = false;
    while (!tokens.skipOperator("]")) {
      if (tokens.skipOperator(":")) {
        slice = true;
        if (++part > 2) {
          throw tokens.error(tokens.peek(), "a slice has three parts at most");
        }
      } else if (parts[part] != null) {
        throw tokens.error(tokens.peek(), "']' is missing");
      } else {
        parts[part] = expression();
      }
    }
    if (slice) {
      return new Expression.Slice(of, parts[0], parts[1], parts[2]);
    }
    if (parts[0] == null) {
      throw tokens.error(tokens.peek(), "a subscript is missing");
    }
    return new Expression.Item(of, parts[0]);
  }

  private Expression filters(Expression start) {
    Expression value = start;
    while (true) {
      if (tokens.skipOperator("|")) {
        String name = tokens.expectName();
        Arguments arguments = tokens.skipOperator("(") ? arguments() : Arguments.NONE;
        Filters.requireKnown(name, tokens.peek().line());
        value = new Expression.Filter(value, name, arguments);
      } else if (tokens.skipName("is")) {
        value = test(value);
      } else if (tokens.skipOperator("(")) {
        value = new Expression.Call(value, arguments());
      } else {
        return value;
      }
    }
  }

  private Expression test(Expression of) {
    boolean negated = tokens.skipName("not");
    String name = tokens.expectName();
    Tests.requireKnown(name, tokens.peek().line());
    Arguments arguments = Arguments.NONE;
    if (tokens.skipOperator("(")) {
      arguments = arguments();
    } else if (beginsArgument(tokens.peek())) {
      arguments = new Arguments(List.of(postfix(primary())), Map.of());
    }
    return new Expression.Test(of, name, arguments, negated);
  }

  private static boolean beginsArgument(Token token) {
    return switch (token.kind()) {
      case STRING, INTEGER, FLOAT -> true;
      case NAME -> !NO_ARGUMENT.contains(token.text());
      case OPERATOR -> token.text().equals("[") || token.text().equals("{");
      default -> false;
    };
  }

  private Arguments arguments() {
    List<Expression> positional = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    while (!tokens.skipOperator(")")) {
      boolean byName =
          tokens.peek().kind() == Token.Kind.NAME
              && tokens.peekSecond().is(Token.Kind.OPERATOR, "=");
      if (byName) {
        String name = tokens.expectName();
        tokens.expectOperator("=");
        named.put(name, expression());
      } else {
        positional.add(expression());
      }
      tokens.separator(")");
    }
    return new Arguments(positional, named);
  }
}
