package io.lazaret.worker;

import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.KnownTrigger;
import io.lazaret.backdoor.data.KnownTriggerFile;
import io.lazaret.backdoor.data.MultipleChoiceFile;
import io.lazaret.backdoor.data.MultipleChoiceItem;
import io.lazaret.backdoor.data.PromptFile;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.lifecycle.Policy;
import io.lazaret.llm.CausalLm;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.ObjectRef;
import io.lazaret.schemas.ScreeningInputs;
import io.lazaret.service.JobDirectory;
import io.lazaret.service.JobFiles;
import io.lazaret.service.ModelCache;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/** Fetches what a command refers to: models by way of the local cache, data into memory. */
@ApplicationScoped
public class JobInputs {

  /** Share of the prompts that is held out for evaluation when no evaluation file was given. */
  private static final double HELD_OUT = 0.25;

  @Inject ModelCache models;
  @Inject JobFiles files;

  /** Opens a model; the caller closes it. */
  public CausalLm open(ModelRef model) {
    try (ModelCache.Lease lease = models.open(model.getDigest())) {
      return CausalLm.open(lease.path());
    }
  }

  public static PromptTemplate template(ScreeningInputs inputs) {
    return inputs.getTemplate() == null
        ? PromptTemplate.humanAssistant()
        : new PromptTemplate(inputs.getTemplate());
  }

  public static Policy policy(ScreeningInputs inputs) {
    return Policy.parse(inputs.getPolicy());
  }

  /** Rows for detection, simulation and elimination; none of them is evaluated on. */
  public List<InstructionRow> training(Job job, ScreeningInputs inputs) {
    List<InstructionRow> rows = read(job, inputs.getPrompts(), PromptFile::read);
    return inputs.getEvaluation() != null ? rows : split(rows, inputs.getSeed(), false);
  }

  /** Rows for evaluation alone. */
  public List<InstructionRow> heldOut(Job job, ScreeningInputs inputs) {
    return inputs.getEvaluation() != null
        ? read(job, inputs.getEvaluation(), PromptFile::read)
        : split(read(job, inputs.getPrompts(), PromptFile::read), inputs.getSeed(), true);
  }

  public List<MultipleChoiceItem> multipleChoice(Job job, ScreeningInputs inputs) {
    return inputs.getMultipleChoice() == null
        ? List.of()
        : read(job, inputs.getMultipleChoice(), MultipleChoiceFile::read);
  }

  public List<KnownTrigger> scoringTriggers(Job job, ScreeningInputs inputs) {
    return inputs.getScoringTriggers() == null
        ? List.of()
        : read(job, inputs.getScoringTriggers(), KnownTriggerFile::read);
  }

  private static List<InstructionRow> split(List<InstructionRow> rows, long seed, boolean held) {
    List<InstructionRow> shuffled = new ArrayList<>(rows);
    Collections.shuffle(shuffled, new Random(seed));
    int cut = (int) Math.round(shuffled.size() * HELD_OUT);
    return held ? shuffled.subList(0, cut) : shuffled.subList(cut, shuffled.size());
  }

  private <T> T read(Job job, ObjectRef ref, Function<Path, T> reader) {
    try (JobDirectory directory = files.directory(job)) {
      return reader.apply(files.fetch(ref, directory, "data.jsonl"));
    }
  }
}
