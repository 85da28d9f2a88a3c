package io.lazaret.llm.chat.jinja;

/**
 * A piece of a template.
 *
 * @param kind what it is
 * @param text its text; of a string the unescaped content
 * @param line line of the template, from 1
 */
record Token(Kind kind, String text, int line) {

  enum Kind {
    TEXT,
    BLOCK_BEGIN,
    BLOCK_END,
    PRINT_BEGIN,
    PRINT_END,
    NAME,
    STRING,
    INTEGER,
    FLOAT,
    OPERATOR,
    END
  }

  boolean is(Kind other, String value) {
    return kind == other && text.equals(value);
  }
}
