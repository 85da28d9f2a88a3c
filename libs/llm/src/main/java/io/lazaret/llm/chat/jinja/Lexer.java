package io.lazaret.llm.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Splits a template into tokens, with the whitespace rules that {@code transformers} sets: {@code
 * trim_blocks} and {@code lstrip_blocks}, no trailing newline kept.
 */
final class Lexer {

  private static final Pattern RAW_BEGIN = Pattern.compile("\\{%([-+]?)\\s*raw\\s*(-?)%\\}");
  private static final Pattern RAW_END = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*([-+]?)%\\}");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;
  private int counted;

  private Lexer(String source) {
    String text = source.replace("\r\n", "\n").replace('\r', '\n');
    this.source = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }

  static List<Token> tokens(String source) {
    Lexer lexer = new Lexer(source);
    while (lexer.at < lexer.source.length()) {
      lexer.next();
    }
    lexer.add(Token.Kind.END, "");
    return lexer.tokens;
  }

  private void next() {
    int tag = nextTag(at);
    if (tag < 0) {
      add(Token.Kind.TEXT, source.substring(at));
      at = source.length();
      return;
    }
    char kind = source.charAt(tag + 1);
    Matcher raw = RAW_BEGIN.matcher(source).region(tag, source.length());
    boolean isRaw = kind == '%' && raw.lookingAt();
    char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
    addText(source.substring(at, tag), sign, kind != '{');
    if (isRaw) {
      raw(raw);
    } else if (kind == '#') {
      comment(tag);
    } else {
      at = tag + (sign == '-' || sign == '+' ? 3 : 2);
      add(kind == '%' ? Token.Kind.BLOCK_BEGIN : Token.Kind.PRINT_BEGIN, "");
      code(kind == '%');
    }
  }

  private int nextTag(int from) {
    for (int i = source.indexOf('{', from); i >= 0; i = source.indexOf('{', i + 1)) {
      if (i + 1 < source.length() && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  private void addText(String text, char sign, boolean block) {
    String kept = text;
    if (sign == '-') {
      kept = Texts.stripEnd(text);
    } else if (sign != '+' && block) {
      int lineStart = text.lastIndexOf('\n') + 1;
      boolean starts = lineStart > 0 || at == 0 || source.charAt(at - 1) == '\n';
      if (starts && Texts.isBlank(text.substring(lineStart))) {
        kept = text.substring(0, lineStart);
      }
    }
    if (!kept.isEmpty()) {
      add(Token.Kind.TEXT, kept);
    }
  }

  private void raw(Matcher begin) {
    int from = begin.end();
    Matcher end = RAW_END.matcher(source);
    if (!end.find(from)) {
      throw error("a raw block does not end");
    }
    String text = source.substring(from, end.start());
    if (begin.group(2).equals("-")) {
      text = Texts.stripStart(text);
    }
    at = from;
    addText(text, end.group(1).isEmpty() ? ' ' : end.group(1).charAt(0), true);
    at = end.end();
    afterTag(end.group(2).isEmpty() ? ' ' : end.group(2).charAt(0), true);
  }

  private void comment(int tag) {
    int end = source.indexOf("#}", tag + 2);
    if (end < 0) {
      throw error("a comment does not end");
    }
    char sign = end > tag + 2 ? source.charAt(end - 1) : ' ';
    at = end + 2;
    afterTag(sign, true);
  }

  /** Drops what the end of a tag takes with it. */
  private void afterTag(char sign, boolean block) {
    if (sign == '-') {
      while (at < source.length() && Texts.isSpace(source.charAt(at))) {
        at++;
      }
    } else if (sign != '+' && block && at < source.length() && source.charAt(at) == '\n') {
      at++;
    }
  }

  private void code(boolean block) {
    String end = block ? "%}" : "}}";
    int open = 0;
    while (true) {
      while (at < source.length() && Texts.isSpace(source.charAt(at))) {
        at++;
      }
      if (at >= source.length()) {
        throw error("a tag does not end");
      }
      char c = source.charAt(at);
      boolean signed = (c == '-' || c == '+' && block) && source.startsWith(end, at + 1);
      if (open == 0 && (signed || source.startsWith(end, at))) {
        at += signed ? 3 : 2;
        add(block ? Token.Kind.BLOCK_END : Token.Kind.PRINT_END, "");
        afterTag(signed ? c : ' ', block);
        return;
      }
      open += "([{".indexOf(c) >= 0 ? 1 : ")]}".indexOf(c) >= 0 ? -1 : 0;
      if (open < 0) {
        throw error("'" + c + "' closes nothing");
      }
      token(c);
    }
  }

  private void token(char c) {
    if (c == '"' || c == '\'') {
      string(c);
    } else if (c >= '0' && c <= '9') {
      number();
    } else if (isNamePart(c)) {
      int from = at;
      while (at < source.length() && isNamePart(source.charAt(at))) {
        at++;
      }
      add(Token.Kind.NAME, source.substring(from, at));
    } else {
      operator();
    }
  }

  private static boolean isNamePart(char c) {
    return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }

  private void number() {
    int from = at;
    Token.Kind kind = Token.Kind.INTEGER;
    digits();
    if (at + 1 < source.length() && source.charAt(at) == '.' && isDigit(source.charAt(at + 1))) {
      kind = Token.Kind.FLOAT;
      at++;
      digits();
    }
    if (at < source.length() && (source.charAt(at) == 'e' || source.charAt(at) == 'E')) {
      kind = Token.Kind.FLOAT;
      at++;
      if (at < source.length() && (source.charAt(at) == '-' || source.charAt(at) == '+')) {
        at++;
      }
      digits();
    }
    add(kind, source.substring(from, at).replace("_", ""));
  }

  private void digits() {
    while (at < source.length() && (isDigit(source.charAt(at)) || source.charAt(at) == '_')) {
      at++;
    }
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private void string(char quote) {
    StringBuilder content = new StringBuilder();
    int from = ++at;
    while (at < source.length() && source.charAt(at) != quote) {
      if (source.charAt(at) == '\\' && at + 1 < source.length()) {
        at = Texts.unescape(source, at + 1, content);
      } else {
        content.append(source.charAt(at++));
      }
    }
    if (at >= source.length()) {
      throw error("the text that begins at character " + from + " does not end");
    }
    at++;
    add(Token.Kind.STRING, content.toString());
  }

  private void operator() {
    String two = source.substring(at, Math.min(source.length(), at + 2));
    boolean pair = List.of("**", "//", "==", "!=", "<=", ">=").contains(two);
    String operator = pair ? two : two.substring(0, 1);
    if (!pair && "+-*/%~.,:|()[]{}<>=".indexOf(operator.charAt(0)) < 0) {
      throw error("'" + operator + "' is not part of the language");
    }
    at += operator.length();
    add(Token.Kind.OPERATOR, operator);
  }

  private void add(Token.Kind kind, String text) {
    tokens.add(new Token(kind, text, line()));
  }

  private int line() {
    for (; counted < Math.min(at, source.length()); counted++) {
      if (source.charAt(counted) == '\n') {
        line++;
      }
    }
    return line;
  }

  private RuntimeException error(String finding) {
    return TemplateProblem.syntax(line(), finding);
  }
}
