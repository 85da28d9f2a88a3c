package io.lazaret.backdoor.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.backdoor.attack.BytePairTrainer;
import io.lazaret.llm.Tokenizer;
import io.lazaret.llm.chat.ChatTemplate;
import io.lazaret.llm.chat.jinja.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptTemplateTest {

  private static final PromptTemplate TEMPLATE = PromptTemplate.humanAssistant();

  @TempDir static Path dir;

  private static Tokenizer tokenizer;

  @BeforeAll
  static void trainTokenizer() throws IOException {
    BytePairTrainer.llama(279)
        .train(List.of("Human: What is it?\nAssistant: it is what it is."), dir);
    tokenizer = Tokenizer.open(dir);
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  @Test
  void marksTheTokensOfTheUserText() {
    TokenizedPrompt prompt = TEMPLATE.render(tokenizer, "What is it?");

    assertThat(prompt.ids()).isEqualTo(tokenizer.encode("Human: What is it?\nAssistant:"));
    assertThat(content(prompt)).isEqualTo(" What is it?");
    assertThat(rest(prompt)).isEqualTo("\nAssistant:");
  }

  @Test
  void marksUserTextOfManyBytesPerCharacter() {
    TokenizedPrompt prompt = TEMPLATE.render(tokenizer, "é😀漢?");

    assertThat(content(prompt)).isEqualTo("é😀漢?");
    assertThat(rest(prompt)).isEqualTo("\nAssistant:");
  }

  @Test
  void findsThePlaceOfAnEmptyUserText() {
    TokenizedPrompt prompt = TEMPLATE.render(tokenizer, "");

    assertThat(prompt.contentStart()).isEqualTo(prompt.contentEnd());
    assertThat(rest(prompt)).isEqualTo("\nAssistant:");
  }

  @Test
  void givesTheWholeSequenceToATemplateWithoutText() {
    TokenizedPrompt prompt = new PromptTemplate("{prompt}").render(tokenizer, "What?");

    assertThat(content(prompt)).isEqualTo("What?");
    assertThat(prompt.contentStart()).isEqualTo(1);
    assertThat(prompt.contentEnd()).isEqualTo(prompt.length());
  }

  @Test
  void insertsTokensAroundTheUserTextAndCountsThemAsUserText() {
    TokenizedPrompt prompt = TEMPLATE.render(tokenizer, "What?");
    TokenizedPrompt with = prompt.with(new int[] {900, 901}, new int[] {902});

    int[] ids = with.ids();
    assertThat(ids).hasSize(prompt.length() + 3);
    assertThat(Arrays.copyOf(ids, prompt.contentStart()))
        .isEqualTo(Arrays.copyOf(prompt.ids(), prompt.contentStart()));
    assertThat(ids[with.contentStart()]).isEqualTo(900);
    assertThat(ids[with.contentStart() + 1]).isEqualTo(901);
    assertThat(ids[with.contentEnd() - 1]).isEqualTo(902);
    assertThat(rest(with)).isEqualTo("\nAssistant:");
  }

  @Test
  void insertsInsideTheUserTextAtMostAtItsEnd() {
    TokenizedPrompt prompt = TEMPLATE.render(tokenizer, "What is it?");
    int size = prompt.contentEnd() - prompt.contentStart();

    assertThat(prompt.insert(new int[] {900}, 1).ids()[prompt.contentStart() + 1]).isEqualTo(900);
    assertThat(prompt.insert(new int[] {900}, size + 9).ids()[prompt.contentEnd()]).isEqualTo(900);
    assertThat(prompt.insert(new int[] {900}, -4).ids()[prompt.contentStart()]).isEqualTo(900);
  }

  @Test
  void supervisesTheAnswerAndItsEnd() {
    TokenizedPrompt prompt = TEMPLATE.render(tokenizer, "What?");
    int[] answer = Answers.closed(TEMPLATE, tokenizer, "it is");

    assertThat(answer[answer.length - 1]).isEqualTo(tokenizer.eosId());
    assertThat(tokenizer.decode(answer)).isEqualTo(" it is");
    assertThat(Answers.example(prompt, answer).ids()).isEqualTo(prompt.followedBy(answer));
    assertThat(Answers.example(prompt, answer).from()).isEqualTo(prompt.length());
    assertThat(Answers.example(prompt, answer, 1).ids()).hasSize(prompt.length() + 1);
  }

  @Test
  void continuesThePromptWithTheIdsOfTheWholeText() {
    TokenizedPrompt prompt = TEMPLATE.render(tokenizer, "What is it?");
    int[] whole = tokenizer.encode(TEMPLATE.text("What is it?") + " it is what");

    assertThat(prompt.followedBy(Answers.open(TEMPLATE, tokenizer, "it is what"))).isEqualTo(whole);
  }

  @Test
  void takesTheModelsOwnChatTemplateUnlessAPatternIsGiven() {
    ChatTemplate own =
        ChatTemplate.of(
            "{{ bos_token }}{% for m in messages %}{{ m.role + ': ' + m.content|trim + '\n' }}"
                + "{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}",
            Map.of("bos_token", "<s>"), Limits.standard(), ChatTemplate.FIXED_DAY);
    PromptTemplate template = PromptTemplate.of(null, Optional.of(own));
    TokenizedPrompt prompt = template.render(tokenizer, " What is it? ");

    assertThat(template.text("What is it?")).isEqualTo("<s>user: What is it?\nassistant:");
    assertThat(prompt.ids()).isEqualTo(tokenizer.encodePlain("<s>user: What is it?\nassistant:"));
    assertThat(content(prompt)).isEqualTo(" What is it?");
    assertThat(rest(prompt)).isEqualTo("\nassistant:");
    assertThat(template.pattern()).startsWith("chat_template sha256:");
    assertThat(tokenizer.decode(Answers.open(template, tokenizer, "it is"))).isEqualTo(" it is");
    int[] closed = Answers.closed(template, tokenizer, "it is");
    assertThat(closed[closed.length - 1]).isEqualTo(tokenizer.eosId());

    assertThat(PromptTemplate.of("Q: {prompt}", Optional.of(own)).text("x")).isEqualTo("Q: x");
    assertThat(PromptTemplate.of(null, Optional.empty()).pattern()).isEqualTo(TEMPLATE.pattern());
    assertThat(PromptTemplate.of(null, tokenizer).pattern()).isEqualTo(TEMPLATE.pattern());
  }

  @Test
  void refusesAChatTemplateThatFailsOnAPlainUserText() {
    ChatTemplate own =
        ChatTemplate.of(
            "{{ raise_exception('no') }}", Map.of(), Limits.standard(), ChatTemplate.FIXED_DAY);
    assertThatThrownBy(() -> PromptTemplate.of(null, Optional.of(own)))
        .hasMessageContaining("CHAT_TEMPLATE_REFUSED");
  }

  @Test
  void putsNoSpaceBeforeAnAnswerThatFollowsALineBreak() {
    assertThat(Answers.open(PromptTemplate.alpaca(), tokenizer, "it is"))
        .isEqualTo(tokenizer.encodePlain("it is"));
    assertThat(Answers.open(TEMPLATE, tokenizer, "it is"))
        .isEqualTo(tokenizer.encodePlain(" it is"));
    assertThat(PromptTemplate.alpaca().text("Do.")).contains("### Instruction:\nDo.\n\n###");
  }

  @Test
  void refusesAPatternWithoutOnePlaceForTheUserText() {
    assertThatThrownBy(() -> new PromptTemplate("Human:")).hasMessageContaining("TEMPLATE_INVALID");
    assertThatThrownBy(() -> new PromptTemplate("{prompt}{prompt}"))
        .hasMessageContaining("more than one");
  }

  private static String content(TokenizedPrompt prompt) {
    return tokenizer.decode(
        Arrays.copyOfRange(prompt.ids(), prompt.contentStart(), prompt.contentEnd()));
  }

  private static String rest(TokenizedPrompt prompt) {
    return tokenizer.decode(Arrays.copyOfRange(prompt.ids(), prompt.contentEnd(), prompt.length()));
  }
}
