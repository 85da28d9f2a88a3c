package io.lazaret.backdoor.detection.pass;

import io.lazaret.llm.Tokenizer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** An immutable run of token ids with value equality: a trigger, a span or a piece of one. */
public final class TokenString {

  public static final TokenString EMPTY = new TokenString(new int[0]);

  private final int[] ids;

  private TokenString(int[] ids) {
    this.ids = ids;
  }

  public static TokenString of(int... ids) {
    return new TokenString(ids.clone());
  }

  public int[] ids() {
    return ids.clone();
  }

  public int length() {
    return ids.length;
  }

  public int at(int index) {
    return ids[index];
  }

  public TokenString plus(int id) {
    int[] longer = Arrays.copyOf(ids, ids.length + 1);
    longer[ids.length] = id;
    return new TokenString(longer);
  }

  public TokenString plus(TokenString other) {
    return new TokenString(join(ids, other.ids));
  }

  /** The same tokens with another one at {@code index}. */
  public TokenString with(int index, int id) {
    int[] changed = ids.clone();
    changed[index] = id;
    return new TokenString(changed);
  }

  /** Tokens {@code [from, to)}, cut at the end of the string. */
  public TokenString slice(int from, int to) {
    int end = Math.min(to, ids.length);
    return new TokenString(Arrays.copyOfRange(ids, Math.min(from, end), end));
  }

  public boolean contains(int id) {
    return indexOf(id) >= 0;
  }

  private int indexOf(int id) {
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] == id) {
        return i;
      }
    }
    return -1;
  }

  public boolean sharesTokenWith(TokenString other) {
    return sharedTokens(other) > 0;
  }

  /** Number of tokens of this string that also occur in the other. */
  public int sharedTokens(TokenString other) {
    int shared = 0;
    for (int id : ids) {
      if (other.contains(id)) {
        shared++;
      }
    }
    return shared;
  }

  public boolean startsWith(TokenString prefix) {
    return prefix.length() <= length() && slice(0, prefix.length()).equals(prefix);
  }

  /** True when all tokens are among {@code allowed}. */
  public boolean within(BitSet allowed) {
    return Arrays.stream(ids).allMatch(allowed::get);
  }

  /** First position at which {@code part} occurs, or -1. */
  public int find(TokenString part) {
    for (int i = 0; i + part.length() <= ids.length; i++) {
      if (slice(i, i + part.length()).equals(part)) {
        return i;
      }
    }
    return -1;
  }

  /** True when both contain the same run of {@code n} tokens. */
  public boolean sharesRunWith(TokenString other, int n) {
    for (int i = 0; i + n <= ids.length; i++) {
      if (other.find(slice(i, i + n)) >= 0) {
        return true;
      }
    }
    return false;
  }

  public int distinct() {
    return (int) Arrays.stream(ids).distinct().count();
  }

  /** Each token's own text. */
  public List<String> pieces(Tokenizer tokenizer) {
    return Arrays.stream(ids).mapToObj(id -> tokenizer.decode(new int[] {id})).toList();
  }

  /** The tokens as a reader sees them, without surrounding white space. */
  public String text(Tokenizer tokenizer) {
    return tokenizer.decode(ids).strip();
  }

  public static int[] join(int[] a, int[] b) {
    int[] joined = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, joined, a.length, b.length);
    return joined;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenString that && Arrays.equals(ids, that.ids);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ids);
  }

  @Override
  public String toString() {
    return Arrays.toString(ids);
  }
}
