package io.lazaret.llm.files.tokenizer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import java.io.IOException;

/**
 * Looks at every name, text and number, skipped ones included: the native reader of tokenizer files
 * ends the process at halves of surrogate pairs and at numbers beyond 64-bit floats.
 */
final class StrictJson extends JsonParserDelegate {

  /** Names in parts that nobody reads: the search for names that appear twice keeps them all. */
  private static final int MAX_SKIPPED_NAMES = 1 << 16;

  private int skippedNames;

  StrictJson(JsonParser parser) {
    super(parser);
  }

  @Override
  public JsonToken nextToken() throws IOException {
    JsonToken token = super.nextToken();
    if (token == JsonToken.FIELD_NAME || token == JsonToken.VALUE_STRING) {
      requirePairs(getText());
    } else if (token != null && token.isNumeric() && !Double.isFinite(getDoubleValue())) {
      throw TokenizerFile.invalid("a number is beyond the range of 64-bit floats");
    }
    return token;
  }

  @Override
  public JsonParser skipChildren() throws IOException {
    if (currentToken() == null || !currentToken().isStructStart()) {
      return this;
    }
    for (int open = 1; open > 0; ) {
      JsonToken token = nextToken();
      if (token == null) {
        return this;
      }
      if (token == JsonToken.FIELD_NAME && ++skippedNames > MAX_SKIPPED_NAMES) {
        throw TokenizerFile.invalid(
            "its other parts have more than " + MAX_SKIPPED_NAMES + " names");
      }
      open += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
    }
    return this;
  }

  private static void requirePairs(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (Character.isSurrogate(c) && !pair) {
        throw TokenizerFile.invalid("a text holds half of a surrogate pair");
      }
      i += pair ? 1 : 0;
    }
  }
}
