package io.lazaret.llm.chat;

import io.lazaret.llm.Encoded;
import io.lazaret.llm.Tokenizer;
import io.lazaret.llm.chat.jinja.Limits;
import io.lazaret.llm.chat.jinja.Template;
import io.lazaret.llm.files.TextFiles;
import io.lazaret.problem.ProblemException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The chat template that a model brings along: untrusted text, rendered by {@link Template} under
 * limits. Immutable, thread-safe.
 */
public final class ChatTemplate {

  /**
   * What templates that print today's date get: a fixed day, so that a screening renders the same
   * prompts whenever it is repeated.
   */
  public static final Clock FIXED_DAY =
      Clock.fixed(Instant.parse("2024-07-26T12:00:00Z"), ZoneOffset.UTC);

  private static final String PROBE = "user";

  private final String source;
  private final Template template;
  private final Map<String, Object> tokens;
  private final Clock clock;

  private ChatTemplate(String source, Map<String, Object> tokens, Limits limits, Clock clock) {
    this.source = source;
    this.template = Template.parse(source, limits);
    this.tokens = tokens;
    this.clock = clock;
  }

  /**
   * A template.
   *
   * @param source its text
   * @param tokens special tokens by the names that templates use, e.g. {@code bos_token}
   * @throws ProblemException {@code CHAT_TEMPLATE_INVALID} or {@code CHAT_TEMPLATE_LIMIT}
   */
  public static ChatTemplate of(String source, Map<String, ?> tokens, Limits limits, Clock clock) {
    return new ChatTemplate(source, new LinkedHashMap<>(tokens), limits, clock);
  }

  /**
   * The template among a model directory's text files, under the standard limits; empty when the
   * model has none.
   *
   * @param files content by file name
   * @throws ProblemException {@code CHAT_TEMPLATE_INVALID}, {@code CHAT_TEMPLATE_LIMIT} or {@code
   *     TOKENIZER_INVALID}
   */
  public static Optional<ChatTemplate> of(Map<String, byte[]> files) {
    ChatTemplateFile file = new ChatTemplateFile(files);
    return file.source().map(source -> of(source, file.tokens(), Limits.standard(), FIXED_DAY));
  }

  /** As {@link #of(Map)}, of a directory. */
  public static Optional<ChatTemplate> read(Path dir) {
    return of(TextFiles.readAll(dir));
  }

  /** The template's text. */
  public String source() {
    return source;
  }

  /**
   * The text of a conversation.
   *
   * @param answer whether the begin of the model's answer is appended
   * @throws ProblemException {@code CHAT_TEMPLATE_FAILED}, {@code CHAT_TEMPLATE_REFUSED} or {@code
   *     CHAT_TEMPLATE_LIMIT}
   */
  public String render(List<ChatMessage> messages, boolean answer) {
    Map<String, Object> variables = new LinkedHashMap<>(tokens);
    variables.put("messages", messages.stream().map(ChatMessage::asMap).toList());
    variables.put("tools", null);
    variables.put("documents", null);
    variables.put("add_generation_prompt", answer);
    return template.render(variables, clock);
  }

  /**
   * The prompt for one user text, in three parts. The place of the content is that of a text that
   * no template contains, rendered in its stead; it is never searched for.
   *
   * @throws ProblemException {@code CHAT_TEMPLATE_UNSUITABLE} when the template does not put the
   *     text into one fixed place
   */
  public Parts parts(String userText) {
    String whole = render(List.of(ChatMessage.user(userText)), true);
    String[] around = around(render(List.of(ChatMessage.user(Parts.MARK)), true));
    int length = whole.length() - around[0].length() - around[1].length();
    if (length < 0 || !whole.startsWith(around[0]) || !whole.endsWith(around[1])) {
      throw unsuitable("writes other text around some user texts than around others");
    }
    String content = whole.substring(around[0].length(), around[0].length() + length);
    if (!userText.contains(content)) {
      throw unsuitable("changes user texts");
    }
    return new Parts(around[0], content, around[1]);
  }

  private static String[] around(String marked) {
    int first = marked.indexOf(Parts.MARK);
    if (first < 0 || marked.indexOf(Parts.MARK, first + 1) >= 0) {
      throw unsuitable("writes the user text " + (first < 0 ? "nowhere" : "more than once"));
    }
    return new String[] {marked.substring(0, first), marked.substring(first + Parts.MARK.length())};
  }

  /**
   * The tokens that follow the prompt when the model answers with a text, up to the special token
   * that closes the turn. The boundary is that of token ids: the prompt's must be the first ones of
   * the whole conversation.
   *
   * @param closed whether the closing token belongs to the result; without it, white space that the
   *     template puts after the answer is left out too
   * @throws ProblemException {@code CHAT_BOUNDARY_MISMATCH}
   */
  public int[] answer(Tokenizer tokenizer, String text, boolean closed) {
    ChatMessage question = ChatMessage.user(PROBE);
    int[] prompt = tokenizer.encodePlain(render(List.of(question), true));
    int[] whole =
        tokenizer.encodePlain(render(List.of(question, ChatMessage.assistant(text)), false));
    int[] answer = after(prompt, whole);
    int end = 0;
    while (end < answer.length && !tokenizer.isSpecial(answer[end])) {
      end++;
    }
    if (closed) {
      return close(tokenizer, answer, end);
    }
    boolean blankEnd = !text.isEmpty() && Character.isWhitespace(text.charAt(text.length() - 1));
    while (!blankEnd && end > 0 && tokenizer.decode(new int[] {answer[end - 1]}).isBlank()) {
      end--;
    }
    return Arrays.copyOf(answer, end);
  }

  /**
   * The special token that closes an answer; empty where none does, or where the template cannot
   * write an answer.
   */
  public OptionalInt endOfTurn(Tokenizer tokenizer) {
    try {
      int[] answer = answer(tokenizer, PROBE, true);
      int last = answer.length == 0 ? -1 : answer[answer.length - 1];
      return last >= 0 && tokenizer.isSpecial(last) ? OptionalInt.of(last) : OptionalInt.empty();
    } catch (ProblemException unsuitable) {
      // A caller who has a pattern of their own needs no working template.
      return OptionalInt.empty();
    }
  }

  private static int[] close(Tokenizer tokenizer, int[] answer, int end) {
    if (end < answer.length) {
      return Arrays.copyOf(answer, end + 1);
    }
    if (tokenizer.eosId() < 0) {
      return answer;
    }
    int[] ended = Arrays.copyOf(answer, answer.length + 1);
    ended[answer.length] = tokenizer.eosId();
    return ended;
  }

  /**
   * The ids of a conversation after those of its prompt.
   *
   * @throws ProblemException {@code CHAT_BOUNDARY_MISMATCH} when the prompt is not where the
   *     conversation begins
   */
  public static int[] after(int[] prompt, int[] whole) {
    int same = Arrays.mismatch(prompt, whole);
    if (same >= 0 && same < prompt.length) {
      throw ProblemException.of(
          "CHAT_BOUNDARY_MISMATCH",
          "The prompt's tokens are not the first ones of the whole conversation: they differ at"
              + " token "
              + same
              + " of "
              + prompt.length
              + ".",
          "Give a template with --template whose end is not merged with the answer.");
    }
    return Arrays.copyOfRange(whole, prompt.length, whole.length);
  }

  /** The prompt as tokens, with the place of each in the text. */
  public Encoded encode(Tokenizer tokenizer, Parts parts) {
    // The template writes the begin token itself.
    return tokenizer.encodePlainWithSpans(parts.text());
  }

  private static ProblemException unsuitable(String finding) {
    return ProblemException.of(
        "CHAT_TEMPLATE_UNSUITABLE",
        "The chat template " + finding + ".",
        "Give a template with --template, with {prompt} where the user text goes.");
  }

  /**
   * A prompt around a user text.
   *
   * @param before what the template writes before the user text
   * @param content the user text as the template writes it, maybe trimmed
   * @param after what the template writes after it
   */
  public record Parts(String before, String content, String after) {

    /** A text of private-use characters, which templates neither contain nor trim. */
    static final String MARK = "\ue0f0\ue0f1\ue0f2\ue0f3";

    /** The whole prompt. */
    public String text() {
      return before + content + after;
    }
  }
}
