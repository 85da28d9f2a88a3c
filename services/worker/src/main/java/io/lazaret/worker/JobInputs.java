package io.lazaret.worker;

import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.KnownTrigger;
import io.lazaret.backdoor.data.KnownTriggerFile;
import io.lazaret.backdoor.data.MultipleChoiceFile;
import io.lazaret.backdoor.data.MultipleChoiceItem;
import io.lazaret.backdoor.data.PromptFile;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.eventing.worker.JobContext;
import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.TorchRuntime;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.ObjectRef;
import io.lazaret.schemas.ScreeningInputs;
import io.lazaret.service.JobDirectory;
import io.lazaret.service.JobFiles;
import io.lazaret.service.ModelCache;
import io.lazaret.service.PlatformSettings;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** Fetches what a command refers to: models by way of the local cache, data into memory. */
@ApplicationScoped
public class JobInputs {

  @Inject ModelCache models;
  @Inject JobFiles files;
  @Inject PlatformSettings settings;

  /** Opens a model; the caller closes it. */
  public CausalLm open(ModelRef model) {
    settings.threads().ifPresent(TorchRuntime::setThreads);
    try (ModelCache.Lease lease = models.open(model.getDigest())) {
      return CausalLm.open(lease.path());
    }
  }

  /** Opens the ancestor that the inputs name, or gives null; the caller closes it. */
  public CausalLm ancestorOrNull(ScreeningInputs inputs) {
    if (inputs.getAncestorDigest() == null) {
      return null;
    }
    try (ModelCache.Lease lease = models.open(inputs.getAncestorDigest())) {
      return CausalLm.open(lease.path());
    }
  }

  /** Where the job leaves the state from which it goes on after a crash; the caller closes it. */
  public JobCheckpoints checkpoints(Job job, JobContext context) {
    return new JobCheckpoints(
        context,
        files.stateDirectory(job),
        settings.checkpointInterval(),
        settings.checkpointShare());
  }

  /** The given pattern, else the model's own chat template, else Human/Assistant. */
  public static PromptTemplate template(ScreeningInputs inputs, CausalLm lm) {
    return PromptTemplate.of(inputs.getTemplate(), lm.tokenizer());
  }

  public static Policy policy(ScreeningInputs inputs) {
    return Policy.parse(inputs.getPolicy());
  }

  /** Rows for detection, simulation and elimination; none of them is evaluated on. */
  public List<InstructionRow> training(Job job, ScreeningInputs inputs) {
    return split(job, inputs).training();
  }

  /** Rows for evaluation alone. */
  public List<InstructionRow> heldOut(Job job, ScreeningInputs inputs) {
    return split(job, inputs).heldOut();
  }

  private DataSplit split(Job job, ScreeningInputs inputs) {
    List<InstructionRow> prompts = read(job, inputs.getPrompts(), PromptFile::read);
    return inputs.getEvaluation() != null
        ? DataSplit.given(
            prompts, read(job, inputs.getEvaluation(), PromptFile::read), inputs.getSeed())
        : DataSplit.of(prompts, policy(inputs).evaluation().trials(), inputs.getSeed());
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

  private <T> T read(Job job, ObjectRef ref, Function<Path, T> reader) {
    try (JobDirectory directory = files.directory(job)) {
      return reader.apply(files.fetch(ref, directory, "data.jsonl"));
    }
  }
}
