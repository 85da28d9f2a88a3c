package io.lazaret.llm.generation;

/**
 * What was generated behind one prompt.
 *
 * @param ids new tokens without the stop token; where a stop string ended the row, the tokens whose
 *     text ends before it
 * @param text of the new tokens, cut exactly before a stop string
 * @param end why the row ended
 */
public record Generated(int[] ids, String text, End end) {

  /** Why a row ended. */
  public enum End {
    STOP_TOKEN,
    STOP_STRING,
    LENGTH
  }
}
