package io.lazaret.llm;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import io.lazaret.llm.chat.ChatTemplate;
import io.lazaret.llm.files.TextFiles;
import io.lazaret.llm.files.tokenizer.SpecialTokens;
import io.lazaret.llm.files.tokenizer.TokenizerFile;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * The tokenizer of a model directory. Never truncates, never pads. Thread-safe.
 *
 * <p>The file is checked as JSON under limits before native code reads it.
 */
public final class Tokenizer implements AutoCloseable {

  private static final Map<String, String> OPTIONS =
      Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "true");

  private final HuggingFaceTokenizer backend;
  private final TokenizerFile file;
  private final Map<String, byte[]> files;
  private final int bosId;
  private final int eosId;
  private final int anchor;

  /** Null until it is asked for. */
  private OptionalInt endOfTurn;

  private Tokenizer(HuggingFaceTokenizer backend, TokenizerFile file, Map<String, byte[]> files) {
    this.backend = backend;
    this.file = file;
    this.files = files;
    SpecialTokens specials = SpecialTokens.of(file, files);
    this.bosId = specials.bosId();
    this.eosId = specials.eosId();
    int[] plain = encodePlain("a");
    this.anchor = plain.length == 0 ? -1 : plain[plain.length - 1];
  }

  /**
   * Opens the tokenizer of a model directory.
   *
   * @throws ProblemException {@code TOKENIZER_MISSING} or {@code TOKENIZER_INVALID}
   */
  public static Tokenizer open(Path dir) {
    Map<String, byte[]> files = TextFiles.readAll(dir);
    TokenizerFile checked = TokenizerFile.of(files, dir);
    byte[] json = files.get(TokenizerFile.NAME);
    System.setProperty("ai.djl.offline", "true");
    try {
      HuggingFaceTokenizer backend =
          HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), OPTIONS);
      requireAgreement(backend, checked);
      return new Tokenizer(backend, checked, files);
    } catch (ProblemException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new ProblemException(
          Problem.of(
              "TOKENIZER_INVALID",
              TokenizerFile.NAME + " was refused by the tokenizer: " + e.getMessage(),
              "Restore the file from its source."),
          e);
    }
  }

  /** The native reader numbers added tokens anew where the file's ids leave gaps. */
  private static void requireAgreement(HuggingFaceTokenizer backend, TokenizerFile file) {
    file.added()
        .forEach(
            (content, id) -> {
              String read = backend.decode(new long[] {id}, false);
              if (file.special().contains(id) && !plain(read).equals(plain(content))) {
                backend.close();
                throw ProblemException.of(
                    "TOKENIZER_INVALID",
                    TokenizerFile.NAME
                        + ": the added token of id "
                        + id
                        + " has another id in use.",
                    "Restore the file from its source.");
              }
            });
  }

  private static String plain(String text) {
    return text.replace('\u2581', ' ').strip();
  }

  /** Ids of a text with the special tokens that the tokenizer's own post-processor adds. */
  public int[] encode(String text) {
    return ints(backend.encode(text, true, false).getIds());
  }

  /** Ids of a text without added special tokens. */
  public int[] encodePlain(String text) {
    return ints(backend.encode(text, false, false).getIds());
  }

  /** As {@link #encode}, with the place of every token in the text. */
  public Encoded encodeWithSpans(String text) {
    return spans(text, backend.encode(text, true, false));
  }

  /** As {@link #encodePlain}, with the place of every token in the text. */
  public Encoded encodePlainWithSpans(String text) {
    return spans(text, backend.encode(text, false, false));
  }

  private static Encoded spans(String text, Encoding encoding) {
    CharSpan[] spans = encoding.getCharTokenSpans();
    int[] ids = ints(encoding.getIds());
    int[] starts = new int[ids.length];
    int[] ends = new int[ids.length];
    int[] charIndex = charIndexes(text);
    for (int i = 0; i < ids.length; i++) {
      starts[i] = spans[i] == null ? -1 : charIndex[spans[i].getStart()];
      ends[i] = spans[i] == null ? -1 : charIndex[spans[i].getEnd()];
    }
    return new Encoded(ids, starts, ends);
  }

  /** Char index of every code point, and the length at the end: spans count code points. */
  private static int[] charIndexes(String text) {
    int[] indexes = new int[text.codePointCount(0, text.length()) + 1];
    int at = 0;
    for (int i = 0; i < indexes.length - 1; i++) {
      indexes[i] = at;
      at += Character.charCount(text.codePointAt(at));
    }
    indexes[indexes.length - 1] = text.length();
    return indexes;
  }

  /** Text of a token sequence; special tokens are left out. */
  public String decode(int[] ids) {
    return backend.decode(Arrays.stream(ids).asLongStream().toArray(), true);
  }

  /**
   * Text of one token as it reads after another token, so with its leading space; empty for special
   * tokens and for tokens that are not printable on their own.
   */
  public String piece(int id) {
    if (isSpecial(id)) {
      return "";
    }
    String before = anchor < 0 ? "" : decode(new int[] {anchor});
    String both = decode(anchor < 0 ? new int[] {id} : new int[] {anchor, id});
    String piece = both.startsWith(before) ? both.substring(before.length()) : both;
    return piece.codePoints().allMatch(Tokenizer::isPrintable) ? piece : "";
  }

  private static boolean isPrintable(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL, Character.UNASSIGNED, Character.SURROGATE, Character.PRIVATE_USE ->
          false;
      default -> codePoint != 0xfffd;
    };
  }

  /** Largest id plus one. */
  public int vocabSize() {
    return file.vocabSize();
  }

  /** Whether the id is an added token marked as special. */
  public boolean isSpecial(int id) {
    return file.special().contains(id);
  }

  /** End-of-sequence id, -1 when the tokenizer has none. */
  public int eosId() {
    return eosId;
  }

  /** Begin-of-sequence id, -1 when the tokenizer has none. */
  public int bosId() {
    return bosId;
  }

  /**
   * The chat template that came with the tokenizer, if any.
   *
   * @throws ProblemException {@code CHAT_TEMPLATE_INVALID} or {@code CHAT_TEMPLATE_LIMIT}
   */
  public Optional<ChatTemplate> chatTemplate() {
    return ChatTemplate.of(files);
  }

  /**
   * The token with which the model's chat template closes an answer; empty where there is no
   * template, none that can be read, or none that closes.
   */
  public synchronized OptionalInt endOfTurn() {
    if (endOfTurn == null) {
      try {
        endOfTurn =
            chatTemplate().map(template -> template.endOfTurn(this)).orElseGet(OptionalInt::empty);
      } catch (ProblemException unreadable) {
        endOfTurn = OptionalInt.empty();
      }
    }
    return endOfTurn;
  }

  /** The tokenizer's own files by name, for copying them beside saved weights. */
  public Map<String, byte[]> files() {
    return files;
  }

  private static int[] ints(long[] ids) {
    return IntStream.range(0, ids.length).map(i -> Math.toIntExact(ids[i])).toArray();
  }

  /** Frees the native tokenizer; models that share it can then no longer use it. */
  @Override
  public void close() {
    backend.close();
  }
}
