package io.lazaret.backdoor.data;

import io.lazaret.llm.Encoded;
import io.lazaret.llm.Tokenizer;
import io.lazaret.llm.chat.ChatTemplate;
import io.lazaret.problem.ProblemException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/** How a user text becomes the prompt of an instruction-tuned model, and an answer follows it. */
public final class PromptTemplate {

  private static final String PLACE = "{prompt}";

  private final String before;
  private final String after;

  /** The model's own template; null for a pattern. */
  private final ChatTemplate chat;

  /**
   * @param pattern the prompt with {@code {prompt}} where the user text goes, exactly once
   * @throws ProblemException TEMPLATE_INVALID
   */
  public PromptTemplate(String pattern) {
    int place = pattern.indexOf(PLACE);
    if (place < 0 || pattern.indexOf(PLACE, place + 1) >= 0) {
      throw ProblemException.of(
          "TEMPLATE_INVALID",
          "The template has " + (place < 0 ? "no " : "more than one ") + PLACE + ".",
          "Write " + PLACE + " once, where the user text goes.");
    }
    before = pattern.substring(0, place);
    after = pattern.substring(place + PLACE.length());
    chat = null;
  }

  private PromptTemplate(ChatTemplate chat) {
    this.chat = chat;
    this.before = "";
    this.after = "";
    chat.parts("");
  }

  /**
   * The template of a screening.
   *
   * @param patternOrNull a pattern; null: the model's own chat template, and Human/Assistant where
   *     it has none
   * @param own the model's own chat template
   * @throws ProblemException TEMPLATE_INVALID, or what the chat template does with a user text
   */
  public static PromptTemplate of(String patternOrNull, Optional<ChatTemplate> own) {
    if (patternOrNull != null) {
      return new PromptTemplate(patternOrNull);
    }
    return own.map(PromptTemplate::new).orElseGet(PromptTemplate::humanAssistant);
  }

  /** As {@link #of(String, Optional)}; the tokenizer's chat template is parsed only when used. */
  public static PromptTemplate of(String patternOrNull, Tokenizer tokenizer) {
    return of(patternOrNull, patternOrNull == null ? tokenizer.chatTemplate() : Optional.empty());
  }

  /** The template of the SANDE experiments: "Human: {prompt}\nAssistant:". */
  public static PromptTemplate humanAssistant() {
    return new PromptTemplate("Human: {prompt}\nAssistant:");
  }

  /** The template of Alpaca for instructions without an input (Taori et al., 2023). */
  public static PromptTemplate alpaca() {
    return new PromptTemplate(
        "Below is an instruction that describes a task. Write a response that appropriately"
            + " completes the request.\n\n### Instruction:\n{prompt}\n\n### Response:\n");
  }

  /** The pattern that this template was made from; a chat template is named by its hash. */
  public String pattern() {
    return chat == null ? before + PLACE + after : "chat_template sha256:" + hash(chat.source());
  }

  private static String hash(String text) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The whole prompt as text. */
  public String text(String prompt) {
    return parts(prompt).text();
  }

  private ChatTemplate.Parts parts(String prompt) {
    return chat == null ? new ChatTemplate.Parts(before, prompt, after) : chat.parts(prompt);
  }

  /**
   * The whole prompt as tokens, encoded in one piece so that the ids are those the model was
   * trained on. A token that carries text of both the template and the user counts as user text at
   * the start (" What" after "Human:") and as template at the end ("?\n").
   */
  public TokenizedPrompt render(Tokenizer tokenizer, String prompt) {
    ChatTemplate.Parts parts = parts(prompt);
    Encoded encoded =
        chat == null ? tokenizer.encodeWithSpans(parts.text()) : chat.encode(tokenizer, parts);
    int from = parts.before().length();
    int to = from + parts.content().length();
    int[] ends = encoded.ends();
    int start = 0;
    while (start < ends.length && ends[start] <= from) {
      start++;
    }
    int end = start;
    while (end < ends.length && ends[end] <= to && ends[end] > encoded.starts()[end]) {
      end++;
    }
    return new TokenizedPrompt(encoded.ids(), start, end);
  }

  /**
   * An answer's tokens behind any prompt of this template: with a space before the text where the
   * pattern ends without white space, and as the model's own template has it otherwise.
   *
   * @param closed whether the token that ends the turn belongs to them
   */
  int[] answer(Tokenizer tokenizer, String text, boolean closed) {
    if (chat != null) {
      return chat.answer(tokenizer, text, closed);
    }
    boolean spaced = after.isEmpty() || !Character.isWhitespace(after.charAt(after.length() - 1));
    int[] ids = tokenizer.encodePlain(spaced ? " " + text : text);
    return closed ? Answers.close(tokenizer, ids) : ids;
  }
}
