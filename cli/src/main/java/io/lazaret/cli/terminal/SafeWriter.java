package io.lazaret.cli.terminal;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.Writer;
import java.util.Locale;

/**
 * The last line of defence of a terminal: C1 controls, which some terminals obey like escape
 * sequences, and characters that reverse or hide text become {@code \\uXXXX}. Inside of a JSON
 * string that is the same string, so documents can be printed as they are; escape sequences of our
 * own begin with ESC and pass.
 */
final class SafeWriter extends FilterWriter {

  SafeWriter(Writer out) {
    super(out);
  }

  @Override
  public void write(int character) throws IOException {
    if (isUnsafe((char) character)) {
      out.write(String.format(Locale.ROOT, "\\u%04X", character));
    } else {
      out.write(character);
    }
  }

  @Override
  public void write(char[] characters, int from, int length) throws IOException {
    int plain = from;
    for (int i = from; i < from + length; i++) {
      if (isUnsafe(characters[i])) {
        out.write(characters, plain, i - plain);
        write(characters[i]);
        plain = i + 1;
      }
    }
    out.write(characters, plain, from + length - plain);
  }

  @Override
  public void write(String text, int from, int length) throws IOException {
    write(text.toCharArray(), from, length);
  }

  private static boolean isUnsafe(char character) {
    int type = Character.getType(character);
    boolean c1 = character >= 0x7F && character <= 0x9F;
    return c1
        || type == Character.FORMAT
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR;
  }
}
