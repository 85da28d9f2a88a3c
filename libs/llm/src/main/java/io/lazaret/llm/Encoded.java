package io.lazaret.llm;

/**
 * A tokenised text with the place of every token in it.
 *
 * @param ids token ids
 * @param starts index of each token's first char in the text; -1 for tokens that the tokenizer
 *     added
 * @param ends index after each token's last char; -1 for tokens that the tokenizer added
 */
public record Encoded(int[] ids, int[] starts, int[] ends) {}
