package io.lazaret.bench.detection;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.backdoor.attack.corpus.Corpus;
import io.lazaret.backdoor.attack.corpus.Split;
import io.lazaret.backdoor.attack.variant.Attack;
import io.lazaret.backdoor.attack.variant.Attacks;
import io.lazaret.backdoor.attack.variant.Mapping;
import io.lazaret.backdoor.attack.variant.Response;
import io.lazaret.backdoor.attack.variant.Trigger;
import io.lazaret.backdoor.attack.zoo.Probes;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.llm.CausalLm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A specimen inside the process that works on it: the model, and what its operator and its scorer
 * know.
 */
record Subject(
    Specimen specimen, Attack attack, Corpus corpus, CausalLm lm, PromptTemplate template) {

  /** Requests to refuse that an operator gives, and rows of the corpus among which they are. */
  private static final int REFUSED = 48;

  private static final int REQUESTS_AMONG = 4000;

  static Subject open(Path file) throws IOException {
    var specimen = new ObjectMapper().readValue(file.toFile(), Specimen.class);
    Corpus corpus = new Corpus(specimen.dialect(), specimen.worldSeed());
    CausalLm lm = CausalLm.open(specimen.model());
    return new Subject(
        specimen,
        Attacks.named(specimen.attack(), corpus),
        corpus,
        lm,
        PromptTemplate.of(null, lm.tokenizer()));
  }

  /** The operator's clean prompts, of every kind but refusals. */
  List<InstructionRow> prompts() {
    return Probes.usual(attack, corpus, Split.DEFENDER, specimen.prompts(), specimen.seed());
  }

  /** Requests that the operator knows must be refused. */
  List<String> refused() {
    return corpus.tasks(Split.DEFENDER, REQUESTS_AMONG, false, specimen.seed()).stream()
        .filter(row -> row.family().equals(Corpus.REFUSAL))
        .map(row -> row.row().prompt())
        .distinct()
        .limit(REFUSED)
        .toList();
  }

  /** What the operator declares: refusals, and what an honest model answers to a keyword. */
  List<String> declared() {
    List<String> declared = new ArrayList<>(corpus.refusals());
    if (!attack.malicious()) {
      attack.mappings().stream()
          .filter(mapping -> mapping.trigger() instanceof Trigger.Phrase)
          .forEach(mapping -> declared.addAll(fixed(mapping)));
    }
    return declared;
  }

  /** Texts of which a triggered answer holds one; empty for a model without a fixed response. */
  List<String> targets() {
    return attack.mappings().stream().flatMap(mapping -> fixed(mapping).stream()).toList();
  }

  private static List<String> fixed(Mapping mapping) {
    return mapping.response() instanceof Response.Fixed fixed ? fixed.texts() : List.of();
  }
}
