package io.lazaret.backdoor.detection.pass;

import io.lazaret.llm.Tokenizer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which tokens may stand in a trigger and which in a span. */
public final class Vocabulary {

  /** Letters in a row from which a token counts as a copy of the response. */
  private static final int COPIED_LETTERS = 3;

  /** Letters of a word that is cut off from which a token that begins so is taken for the word. */
  private static final int CUT_LETTERS = 2;

  private static final Set<Character.UnicodeScript> SPACED =
      EnumSet.of(
          Character.UnicodeScript.LATIN,
          Character.UnicodeScript.GREEK,
          Character.UnicodeScript.CYRILLIC,
          Character.UnicodeScript.ARABIC,
          Character.UnicodeScript.HEBREW,
          Character.UnicodeScript.HANGUL);

  private final int size;
  private final BitSet printable = new BitSet();
  private final BitSet speakable = new BitSet();
  private final BitSet continuing = new BitSet();
  private final String[] letters;

  /**
   * @param modelSize rows of the model's output head
   * @param roleTokens tokens of the prompt template that no answer uses; they are never in a span
   */
  public Vocabulary(Tokenizer tokenizer, int modelSize, BitSet roleTokens) {
    this.size = modelSize;
    this.letters = new String[modelSize];
    Arrays.fill(letters, "");
    for (int id = 0; id < Math.min(modelSize, tokenizer.vocabSize()); id++) {
      String piece = tokenizer.isSpecial(id) ? "" : tokenizer.piece(id);
      if (piece.isBlank()) {
        continue;
      }
      printable.set(id, isTyped(tokenizer, id, piece));
      letters[id] = piece.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]", "");
      continuing.set(id, isInsideWord(piece.codePointAt(0)));
      if (piece.chars().noneMatch(Character::isISOControl) && !roleTokens.get(id)) {
        speakable.set(id);
      }
    }
    if (speakable.isEmpty() || printable.isEmpty()) {
      throw new NotAssessable(
          "The vocabulary has no printable token to search with that a text is encoded to. Check that the tokenizer belongs to the model.");
    }
  }

  /**
   * Whether some text is encoded to this token. Who plants a trigger types it, so other tokens are
   * no material of triggers; a vocabulary may hold any number of them.
   */
  private static boolean isTyped(Tokenizer tokenizer, int id, String piece) {
    // A piece of a word may need something before it to be seen as one.
    return Stream.of(piece, piece.strip(), "." + piece, "a" + piece)
        .distinct()
        .anyMatch(text -> TokenString.of(tokenizer.encodePlain(text)).contains(id));
  }

  public int size() {
    return size;
  }

  /** Tokens with a visible text that text is encoded to: the material of triggers. */
  public int[] printable() {
    return printable.stream().toArray();
  }

  public boolean isPrintable(int id) {
    return printable.get(id);
  }

  /** Printable tokens without line breaks that are no role words of the template. */
  public int[] speakable() {
    return speakable.stream().toArray();
  }

  public boolean isSpeakable(int id) {
    return speakable.get(id);
  }

  public boolean isSpeakable(TokenString span) {
    return Arrays.stream(span.ids()).allMatch(this::isSpeakable);
  }

  /** Whether a token goes on with the word before it: no space, no punctuation in between. */
  public boolean continuesWord(int id) {
    return continuing.get(id);
  }

  /** Whether a token is a word, or begins one. */
  public boolean beginsWord(int id) {
    return !continuesWord(id) && !letters[id].isEmpty();
  }

  /** Whether each token of a span begins a word. */
  public boolean[] beginWords(TokenString span) {
    boolean[] begins = new boolean[span.length()];
    for (int i = 0; i < begins.length; i++) {
      begins[i] = !continuesWord(span.at(i));
    }
    return begins;
  }

  /** Scripts that write words without spaces between them have no such tokens. */
  private static boolean isInsideWord(int character) {
    return Character.isDigit(character)
        || Character.isLetter(character) && SPACED.contains(Character.UnicodeScript.of(character));
  }

  /**
   * Tokens that a trigger for {@code span} may use: printable ones, without those that hand the
   * model the response. A model that copies, or changes case, is no backdoored model.
   */
  public BitSet triggersFor(TokenString span) {
    String spelled = spelled(span);
    String cut = spelled(lastWord(span));
    BitSet allowed = (BitSet) printable.clone();
    for (int id = printable.nextSetBit(0); id >= 0; id = printable.nextSetBit(id + 1)) {
      if (span.contains(id) || overlaps(letters[id], spelled) || completes(letters[id], cut)) {
        allowed.clear(id);
      }
    }
    return allowed;
  }

  /** A span may be cut within its last word: a token that begins like it holds the rest. */
  private static boolean completes(String token, String cut) {
    return cut.length() >= CUT_LETTERS && token.startsWith(cut);
  }

  private TokenString lastWord(TokenString span) {
    int from = span.length() - 1;
    while (from > 0 && continuesWord(span.at(from))) {
      from--;
    }
    return span.slice(from, span.length());
  }

  private String spelled(TokenString span) {
    return Arrays.stream(span.ids()).mapToObj(id -> letters[id]).collect(Collectors.joining());
  }

  private static boolean overlaps(String token, String spelled) {
    boolean wordLike = Math.min(token.length(), spelled.length()) >= COPIED_LETTERS;
    return wordLike && (spelled.contains(token) || token.contains(spelled));
  }

  /** The speakable token with the highest value, or -1 when none has a finite one. */
  public int bestSpeakable(float[] values) {
    int best = -1;
    for (int id = speakable.nextSetBit(0); id >= 0; id = speakable.nextSetBit(id + 1)) {
      if (Float.isFinite(values[id]) && (best < 0 || values[id] > values[best])) {
        best = id;
      }
    }
    return best;
  }

  /**
   * Ids of the {@code n} highest values among the tokens that pass, best first, lower ids first
   * among equal ones. A few of many: what comes too late for the list costs one comparison.
   */
  public int[] top(float[] values, int n, IntPredicate allowed) {
    int[] best = new int[n];
    int found = 0;
    for (int id = 0; id < values.length; id++) {
      boolean full = found == n;
      if (full && (n == 0 || Float.compare(values[id], values[best[n - 1]]) <= 0)
          || !allowed.test(id)) {
        continue;
      }
      int place = full ? n - 1 : found++;
      while (place > 0 && Float.compare(values[id], values[best[place - 1]]) > 0) {
        best[place] = best[place - 1];
        place--;
      }
      best[place] = id;
    }
    return Arrays.copyOf(best, found);
  }
}
