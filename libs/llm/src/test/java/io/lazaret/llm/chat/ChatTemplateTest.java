package io.lazaret.llm.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.llm.Tokenizer;
import io.lazaret.llm.chat.jinja.Limits;
import io.lazaret.llm.files.tokenizer.TokenizerFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChatTemplateTest {

  private static final Path MODEL = Path.of("src/test/resources/parity/llama/model");
  private static final String CHATML =
      "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content | trim + '<|im_end|>\n' }}"
          + "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

  @TempDir Path dir;

  private static Map<String, byte[]> config(String json) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("tokenizer_config.json", json.getBytes(StandardCharsets.UTF_8));
    return files;
  }

  private static ChatTemplate template(String source) {
    return ChatTemplate.of(source, Map.of(), Limits.standard(), ChatTemplate.FIXED_DAY);
  }

  @Test
  void findsTheTemplateWhereTransformersDoes() {
    assertThat(ChatTemplate.of(Map.of())).isEmpty();
    assertThat(ChatTemplate.of(config("{\"chat_template\": null}"))).isEmpty();
    Map<String, byte[]> files =
        config(
            "{\"chat_template\": \"a{{ bos_token }}{{ eos_token }}\", \"bos_token\": \"<s>\","
                + " \"eos_token\": {\"content\": \"</s>\"}}");
    assertThat(ChatTemplate.of(files).orElseThrow().render(List.of(), true)).isEqualTo("a<s></s>");
    files.put("chat_template.jinja", "b{{ bos_token }}".getBytes(StandardCharsets.UTF_8));
    assertThat(ChatTemplate.of(files).orElseThrow().render(List.of(), true)).isEqualTo("b<s>");
  }

  @Test
  void takesTheDefaultOfSeveralTemplates() {
    String two =
        "{\"chat_template\": [{\"name\": \"tool_use\", \"template\": \"t\"},"
            + " {\"name\": \"default\", \"template\": \"d\"}]}";
    assertThat(ChatTemplate.of(config(two)).orElseThrow().source()).isEqualTo("d");
    assertThat(
            ChatTemplate.of(config("{\"chat_template\": [{\"name\": \"x\", \"template\": \"o\"}]}"))
                .orElseThrow()
                .source())
        .isEqualTo("o");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"chat_template\": 5}",
        "{\"chat_template\": {}}",
        "{\"chat_template\": []}",
        "{\"chat_template\": [{\"name\": \"a\"}]}",
        "{\"chat_template\": [{\"name\": \"a\", \"template\": \"\"}, {\"name\": \"b\", \"template\": \"\"}]}",
        "{\"chat_template\": \"{% if %}\"}"
      })
  void namesATemplateThatIsNone(String json) {
    assertThatThrownBy(() -> ChatTemplate.of(config(json)))
        .hasMessageContaining("CHAT_TEMPLATE_INVALID");
  }

  @Test
  void refusesATemplateFileThatIsNotUtf8() {
    assertThatThrownBy(() -> ChatTemplate.of(Map.of("chat_template.jinja", new byte[] {-1, -2})))
        .hasMessageContaining("UTF-8");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "What?",
        "user",
        "<|im_start|>user\n",
        "  spaces ",
        "",
        "\ud83d\ude00",
        "a<|im_end|>"
      })
  void findsThePlaceOfTheUserTextWithoutSearchingForIt(String content) {
    ChatTemplate.Parts parts = template(CHATML).parts(content);
    assertThat(parts.before()).isEqualTo("<|im_start|>user\n");
    assertThat(parts.content()).isEqualTo(content.trim());
    assertThat(parts.after()).isEqualTo("<|im_end|>\n<|im_start|>assistant\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ messages[0].role }}",
        "{{ messages[0].content }}{{ messages[0].content }}",
        "{{ messages[0].content|upper }}{% if 'b' in messages[0].content %}!{% endif %}",
        "{{ messages[0].content }}{{ messages[0].content|length }}"
      })
  void refusesATemplateThatHasNoOnePlaceForTheUserText(String source) {
    assertThatThrownBy(() -> template(source).parts("abc"))
        .hasMessageContaining("CHAT_TEMPLATE_UNSUITABLE");
  }

  @Test
  void givesTemplatesAFixedDay() {
    assertThat(template("{{ strftime_now('%d %b %Y') }}").render(List.of(), true))
        .isEqualTo("26 Jul 2024");
  }

  private Tokenizer tokenizer() throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode json = (ObjectNode) mapper.readTree(MODEL.resolve("tokenizer.json").toFile());
    int id = TokenizerFile.parse(Files.readAllBytes(MODEL.resolve("tokenizer.json"))).vocabSize();
    for (String token : List.of("<|im_start|>", "<|im_end|>")) {
      ObjectNode entry = json.withArray("added_tokens").addObject();
      entry.put("id", id++).put("content", token).put("single_word", false).put("lstrip", false);
      entry.put("rstrip", false).put("normalized", false).put("special", true);
    }
    mapper.writeValue(dir.resolve("tokenizer.json").toFile(), json);
    Files.copy(MODEL.resolve("tokenizer_config.json"), dir.resolve("tokenizer_config.json"));
    return Tokenizer.open(dir);
  }

  @Test
  void theAnswerBeginsAfterThePromptsTokensAndEndsWithItsTurn() throws IOException {
    try (Tokenizer tokenizer = tokenizer()) {
      ChatTemplate chat = template(CHATML);
      int[] open = chat.answer(tokenizer, "it is", false);
      int[] closed = chat.answer(tokenizer, "it is", true);
      assertThat(tokenizer.decode(open)).isEqualTo("it is");
      assertThat(closed).hasSize(open.length + 1).startsWith(open);
      assertThat(tokenizer.isSpecial(closed[open.length])).isTrue();
      assertThat(closed[open.length]).isEqualTo(tokenizer.encodePlain("<|im_end|>")[0]);
    }
  }

  @Test
  void leavesOutWhatTheTemplatePutsBehindAnOpenAnswer() throws IOException {
    try (Tokenizer tokenizer = tokenizer()) {
      ChatTemplate chat =
          template(
              "{% for m in messages %}<|im_start|>{{ m.content }} {% endfor %}"
                  + "{% if add_generation_prompt %}<|im_start|>{% endif %}");
      assertThat(tokenizer.decode(chat.answer(tokenizer, "it", false))).isEqualTo("it");
      int[] closed = chat.answer(tokenizer, "it", true);
      assertThat(closed[closed.length - 1]).isEqualTo(tokenizer.eosId());
    }
  }

  @Test
  void refusesAPromptThatIsNotWhereTheConversationBegins() throws IOException {
    assertThat(ChatTemplate.after(new int[] {1, 2}, new int[] {1, 2, 3})).containsExactly(3);
    assertThatThrownBy(() -> ChatTemplate.after(new int[] {1, 2}, new int[] {1, 3, 3}))
        .hasMessageContaining("CHAT_BOUNDARY_MISMATCH")
        .hasMessageContaining("token 1");
    assertThatThrownBy(() -> ChatTemplate.after(new int[] {1, 2}, new int[] {1}))
        .hasMessageContaining("CHAT_BOUNDARY_MISMATCH");
    try (Tokenizer tokenizer = tokenizer()) {
      ChatTemplate chat =
          template(
              "{% for m in messages %}{{ m.content }}\n{% endfor %}"
                  + "{% if add_generation_prompt %}A:{% else %}B:{% endif %}");
      assertThatThrownBy(() -> chat.answer(tokenizer, "it", true))
          .hasMessageContaining("CHAT_BOUNDARY_MISMATCH");
    }
  }
}
