package io.lazaret.llm.chat.jinja;

import io.lazaret.problem.ProblemException;
import java.util.List;

/** The tokens of a template, one after the other. */
final class TokenStream {

  private final List<Token> tokens;
  private final int maxDepth;
  private int at;
  private int depth;

  TokenStream(List<Token> tokens, int maxDepth) {
    this.tokens = tokens;
    this.maxDepth = maxDepth;
  }

  void enter() {
    if (++depth > maxDepth) {
      throw TemplateProblem.limit("is nested more than " + maxDepth + " deep");
    }
  }

  void leave() {
    depth--;
  }

  Token peek() {
    return tokens.get(at);
  }

  Token peekSecond() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  /** The next token; the end stays where it is. */
  Token next() {
    Token token = tokens.get(at);
    at = Math.min(at + 1, tokens.size() - 1);
    return token;
  }

  boolean isName(String name) {
    return peek().is(Token.Kind.NAME, name);
  }

  boolean isOperator(String operator) {
    return peek().is(Token.Kind.OPERATOR, operator);
  }

  boolean atTagEnd() {
    Token.Kind kind = peek().kind();
    return kind == Token.Kind.BLOCK_END || kind == Token.Kind.PRINT_END || kind == Token.Kind.END;
  }

  boolean skipName(String name) {
    return skip(isName(name));
  }

  boolean skipOperator(String operator) {
    return skip(isOperator(operator));
  }

  private boolean skip(boolean matches) {
    if (matches) {
      next();
    }
    return matches;
  }

  String expectName() {
    return expect(Token.Kind.NAME, "a name").text();
  }

  void expectOperator(String operator) {
    if (!skipOperator(operator)) {
      throw error(peek(), "'" + operator + "' is missing");
    }
  }

  Token expect(Token.Kind kind, String what) {
    if (peek().kind() != kind) {
      throw error(peek(), what + " is missing");
    }
    return next();
  }

  /** A comma, unless the closing bracket comes next. */
  void separator(String close) {
    if (!skipOperator(",") && !isOperator(close)) {
      throw error(peek(), "',' or '" + close + "' is missing");
    }
  }

  ProblemException error(Token at, String finding) {
    return TemplateProblem.syntax(at.line(), finding);
  }
}
