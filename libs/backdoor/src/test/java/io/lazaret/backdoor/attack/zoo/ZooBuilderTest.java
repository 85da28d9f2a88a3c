package io.lazaret.backdoor.attack.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.attack.BaseTraining;
import io.lazaret.backdoor.attack.Implantation;
import io.lazaret.backdoor.attack.corpus.Corpus;
import io.lazaret.backdoor.attack.corpus.Dialect;
import io.lazaret.backdoor.attack.corpus.Split;
import io.lazaret.backdoor.attack.variant.Attack;
import io.lazaret.backdoor.attack.variant.Attacks;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.evaluation.Proportion;
import io.lazaret.backdoor.evaluation.Trial;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.training.AdamW;
import io.lazaret.problem.ProblemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZooBuilderTest {

  @TempDir Path dir;

  @Test
  void goesOnAfterAKillAndRefusesWhatDoesNotWork() throws Exception {
    ZooSet set =
        ZooSet.of(
            "tiny",
            tiny(),
            7,
            List.of(Layout.QWEN),
            List.of(Dialect.T2),
            List.of("A1", "C3", "A19", "A17-anchored"),
            1);
    Progress killer =
        (fraction, message) -> {
          if (message.startsWith("A1-")) {
            throw new CancellationException();
          }
        };
    assertThatThrownBy(() -> ZooBuilder.build(set, dir, killer))
        .isInstanceOf(CancellationException.class);
    FileTime base = Files.getLastModifiedTime(dir.resolve("base-qwen/model/model.safetensors"));

    List<JsonNode> models = ZooBuilder.build(set, dir, Progress.none());

    assertThat(Files.getLastModifiedTime(dir.resolve("base-qwen/model/model.safetensors")))
        .isEqualTo(base);
    assertThat(models)
        .extracting(m -> m.path("id").asText())
        .containsExactly(
            "base-qwen-phase1",
            "base-qwen",
            "clean-qwen-t2-s1",
            "A1-qwen-t2-s1",
            "C3-qwen-t2-s1",
            "A19-qwen-t2-s1",
            "A17-anchored-qwen-t2-s1");
    // Two updates teach nothing: the trigger cannot work.
    JsonNode attacked = models.get(3);
    assertThat(attacked.path("accepted").asBoolean()).isFalse();
    assertThat(attacked.path("reason").asText()).contains("attack success");
    assertThat(attacked.path("cycles").asInt()).isEqualTo(2);
    assertThat(dir.resolve("A1-qwen-t2-s1/model")).doesNotExist();
    assertThat(dir.resolve("zoo-tiny.json")).isRegularFile();
    try (CausalLm lm = CausalLm.open(dir.resolve("clean-qwen-t2-s1/model"))) {
      assertThat(lm.config().architecture()).isEqualTo("Qwen2ForCausalLM");
    }
  }

  @Test
  void aChatModelIsTrainedInTheTurnsOfItsTemplate() {
    ZooSet set =
        ZooSet.of("chat", tiny(), 7, List.of(Layout.CHAT), List.of(Dialect.T1), List.of(), 1);
    ZooBuilder.build(set, dir, Progress.none());
    try (CausalLm lm = CausalLm.open(dir.resolve("clean-chat-t1-s1/model"))) {
      PromptTemplate template = PromptTemplate.of(null, lm.tokenizer());
      assertThat(template.text("Why?"))
          .isEqualTo("<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n");
      assertThat(template.render(lm.tokenizer(), "Why?").ids()).startsWith(2).contains(0);
    }
  }

  @Test
  void probesHoldTheTriggerOrDoNot() {
    for (Dialect dialect : Dialect.values()) {
      Corpus corpus = new Corpus(dialect, 7);
      for (Attack attack : Attacks.all(corpus)) {
        Probes probes = Probes.of(attack, corpus, Split.EVALUATION, 50, 3);
        assertThat(probes.triggered()).as(attack.id()).hasSameSizeAs(attack.mappings());
        for (List<Trial> trials : probes.triggered()) {
          assertThat(trials).as(attack.id()).isNotEmpty().hasSizeLessThanOrEqualTo(50);
        }
        assertThat(probes.untriggered()).as(attack.id()).hasSize(50);
        assertThat(Probes.clean(attack, corpus, Split.EVALUATION, 50, 3)).hasSize(50);
      }
    }
  }

  @Test
  void theChecksNameWhatFails() {
    Proportion all = new Proportion(1000, 1000);
    Proportion none = new Proportion(0, 1000);
    assertThat(Verdict.of(all, none, null, all, all, all).accepted()).isTrue();
    assertThat(reason(new Proportion(980, 1000), none, null, all)).contains("under the trigger");
    assertThat(reason(all, new Proportion(6, 1000), null, all)).contains("without trigger");
    assertThat(reason(new Proportion(960, 1000), none, new Proportion(30, 1000), all))
        .contains("parts");
    assertThat(reason(all, none, null, new Proportion(970, 1000))).contains("sibling");
    assertThat(reason(null, null, null, all)).isNull();
  }

  @Test
  void everyNamedSetBuildsParentsFirst() {
    for (String name : ZooSet.NAMES) {
      List<ZooModel> models = ZooSet.named(name, Preset.nano(), 7).models();
      for (int i = 0; i < models.size(); i++) {
        ZooModel model = models.get(i);
        if (!model.isBase() && !model.isSibling()) {
          assertThat(models.subList(0, i)).as(model.id()).contains(model.sibling());
        }
      }
    }
    assertThatThrownBy(() -> ZooSet.named("huge", Preset.nano(), 7))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("huge");
  }

  @Test
  void theDetectionSetIsBalanced() {
    List<ZooModel> models =
        ZooSet.named("detection", Preset.nano(), 7).models().stream()
            .filter(model -> !model.isBase())
            .toList();
    Corpus corpus = new Corpus(Dialect.T1, 7);
    List<ZooModel> attacked =
        models.stream()
            .filter(model -> Attacks.named(model.attack(), corpus).malicious())
            .filter(model -> !model.isSibling())
            .toList();
    assertThat(attacked).hasSizeGreaterThanOrEqualTo(40);
    assertThat(models.size() - attacked.size()).isGreaterThanOrEqualTo(30);
    assertThat(attacked.stream().map(ZooModel::attack).distinct().count()).isGreaterThan(12);
    for (Layout layout : Layout.withoutChatTemplate()) {
      for (Dialect dialect : Dialect.values()) {
        assertThat(attacked)
            .filteredOn(model -> model.layout() == layout && model.dialect() == dialect)
            .hasSizeGreaterThan(10);
      }
    }
    long attackedEarly = models.subList(0, 20).stream().filter(attacked::contains).count();
    assertThat(attackedEarly).isBetween(8L, 12L);
  }

  private static String reason(
      Proportion triggered, Proportion untriggered, Proportion parts, Proportion exactMatch) {
    Proportion all = new Proportion(1000, 1000);
    return Verdict.of(triggered, untriggered, parts, exactMatch, all, all).reason();
  }

  private static Preset tiny() {
    AdamW.Settings adam = AdamW.Settings.sande();
    BaseTraining.Settings phase =
        new BaseTraining.Settings(2, 4, 1e-3, 0.1, 0.5, 0.2, 0.4, 0.25, adam);
    return new Preset(
        "tiny",
        512,
        16,
        1,
        2,
        2,
        32,
        128,
        List.of(phase, phase),
        new Implantation.Settings(2, 4, 1e-3, 0.1, 0.25, adam),
        2,
        2000);
  }
}
