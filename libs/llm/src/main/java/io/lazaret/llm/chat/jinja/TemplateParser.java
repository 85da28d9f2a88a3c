package io.lazaret.llm.chat.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Parses statements. */
final class TemplateParser {

  private final TokenStream tokens;
  private final ExpressionParser expressions;
  private int loops;

  private TemplateParser(TokenStream tokens) {
    this.tokens = tokens;
    this.expressions = new ExpressionParser(tokens);
  }

  /**
   * Parses a template.
   *
   * @throws io.lazaret.problem.ProblemException {@code CHAT_TEMPLATE_INVALID} or {@code
   *     CHAT_TEMPLATE_LIMIT}
   */
  static List<Statement> parse(String source, Limits limits) {
    if (source.length() > limits.templateChars()) {
      throw TemplateProblem.limit("has more than " + limits.templateChars() + " characters");
    }
    TemplateParser parser =
        new TemplateParser(new TokenStream(Lexer.tokens(source), limits.depth()));
    List<Statement> body = parser.body();
    if (parser.tokens.peek().kind() != Token.Kind.END) {
      throw parser.tokens.error(
          parser.tokens.peek(), "'" + parser.tokens.peek().text() + "' ends nothing");
    }
    return body;
  }

  /** Statements up to one of the tags, whose begin and name are consumed, or to the end. */
  private List<Statement> body(String... ends) {
    tokens.enter();
    Set<String> stops = Set.copyOf(Arrays.asList(ends));
    List<Statement> body = new ArrayList<>();
    while (tokens.peek().kind() != Token.Kind.END) {
      Token token = tokens.next();
      switch (token.kind()) {
        case TEXT -> body.add(new Statement.Text(token.text()));
        case PRINT_BEGIN -> {
          body.add(new Statement.Print(expressions.tuple()));
          tokens.expect(Token.Kind.PRINT_END, "'}}'");
        }
        default -> {
          if (stops.contains(tokens.peek().text())) {
            tokens.leave();
            return body;
          }
          body.add(statement(tokens.expect(Token.Kind.NAME, "the name of a statement")));
        }
      }
    }
    if (ends.length > 0) {
      throw tokens.error(tokens.peek(), "'" + ends[ends.length - 1] + "' is missing");
    }
    tokens.leave();
    return body;
  }

  private Statement statement(Token name) {
    return switch (name.text()) {
      case "if" -> branches();
      case "for" -> loop();
      case "set" -> set();
      case "macro" -> macro();
      case "generation" -> {
        end();
        List<Statement> body = body("endgeneration");
        endTag();
        yield new Statement.Generation(body);
      }
      case "break", "continue" -> {
        if (loops == 0) {
          throw tokens.error(name, "'" + name.text() + "' is outside of a loop");
        }
        end();
        yield name.text().equals("break") ? new Statement.Break() : new Statement.Continue();
      }
      default -> throw tokens.error(name, "the statement '" + name.text() + "' is not supported");
    };
  }

  private void end() {
    tokens.expect(Token.Kind.BLOCK_END, "'%}'");
  }

  /** The name of the tag that ended a body, and its end. */
  private String endTag() {
    String name = tokens.expectName();
    end();
    return name;
  }

  private Statement branches() {
    List<Expression> conditions = new ArrayList<>();
    List<List<Statement>> branches = new ArrayList<>();
    conditions.add(expressions.tuple());
    end();
    while (true) {
      branches.add(body("elif", "else", "endif"));
      String tag = tokens.expectName();
      if (tag.equals("elif")) {
        conditions.add(expressions.tuple());
        end();
      } else if (tag.equals("else")) {
        end();
        conditions.add(null);
        branches.add(body("endif"));
        endTag();
        return new Statement.If(conditions, branches);
      } else {
        end();
        return new Statement.If(conditions, branches);
      }
    }
  }

  private Statement loop() {
    List<String> targets = names();
    if (!tokens.skipName("in")) {
      throw tokens.error(tokens.peek(), "'in' is missing");
    }
    Expression items = items();
    Expression filter = tokens.skipName("if") ? expressions.expression() : null;
    if (tokens.isName("recursive")) {
      throw tokens.error(tokens.peek(), "recursive loops are not supported");
    }
    end();
    loops++;
    List<Statement> body = body("else", "endfor");
    loops--;
    List<Statement> otherwise = List.of();
    if (endTag().equals("else")) {
      otherwise = body("endfor");
      endTag();
    }
    return new Statement.For(targets, items, filter, body, otherwise);
  }

  private Expression items() {
    Expression first = expressions.or();
    if (!tokens.isOperator(",")) {
      return first;
    }
    List<Expression> items = new ArrayList<>(List.of(first));
    while (tokens.skipOperator(",")) {
      items.add(expressions.or());
    }
    return new Expression.ListOf(items);
  }

  private List<String> names() {
    boolean bracket = tokens.skipOperator("(");
    List<String> names = new ArrayList<>();
    do {
      names.add(tokens.expectName());
    } while (tokens.skipOperator(","));
    if (bracket) {
      tokens.expectOperator(")");
    }
    return names;
  }

  private Statement set() {
    List<String> names = names();
    if (names.size() == 1 && tokens.skipOperator(".")) {
      String attribute = tokens.expectName();
      tokens.expectOperator("=");
      Expression value = expressions.tuple();
      end();
      return new Statement.SetAttribute(names.get(0), attribute, value);
    }
    if (names.size() == 1 && tokens.peek().kind() == Token.Kind.BLOCK_END) {
      end();
      List<Statement> body = body("endset");
      endTag();
      return new Statement.SetBody(names.get(0), body);
    }
    tokens.expectOperator("=");
    Expression value = expressions.tuple();
    end();
    return new Statement.Set(names, value);
  }

  private Statement macro() {
    String name = tokens.expectName();
    List<String> parameters = new ArrayList<>();
    List<Expression> defaults = new ArrayList<>();
    tokens.expectOperator("(");
    while (!tokens.skipOperator(")")) {
      Token parameter = tokens.peek();
      parameters.add(tokens.expectName());
      if (tokens.skipOperator("=")) {
        defaults.add(expressions.expression());
      } else if (!defaults.isEmpty()) {
        throw tokens.error(parameter, "a parameter without default follows one with a default");
      }
      tokens.separator(")");
    }
    end();
    int outer = loops;
    loops = 0;
    List<Statement> body = body("endmacro");
    loops = outer;
    endTag();
    return new Statement.Macro(name, parameters, defaults, body);
  }
}
