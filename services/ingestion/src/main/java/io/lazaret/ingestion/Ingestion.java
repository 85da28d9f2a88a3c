package io.lazaret.ingestion;

import io.lazaret.backdoor.data.KnownTriggerFile;
import io.lazaret.backdoor.data.MultipleChoiceFile;
import io.lazaret.backdoor.data.PromptFile;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.checkpoints.ModelStore;
import io.lazaret.checkpoints.ObjectStore;
import io.lazaret.checkpoints.StoredObject;
import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.InboxPublisher;
import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.llm.chat.ChatTemplate;
import io.lazaret.llm.files.ModelDirectory;
import io.lazaret.llm.files.ModelSummary;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.ObjectRef;
import io.lazaret.schemas.ScreeningInputs;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Submits an upload: checks everything that can be checked without running the model, puts it into
 * the store, and only then says so in the inbox. All ids derive from the upload, so a submission
 * that is repeated after a crash ends in the same screening.
 */
final class Ingestion {

  static final String PROMPTS = "prompts";
  static final String EVALUATION = "evaluation";
  static final String MULTIPLE_CHOICE = "multipleChoice";
  static final String SCORING_TRIGGERS = "scoringTriggers";

  /** Data files that an upload may bring. */
  static final List<String> DATA = List.of(PROMPTS, EVALUATION, MULTIPLE_CHOICE, SCORING_TRIGGERS);

  private static final long DEFAULT_SEED = 7;
  private static final int LONGEST_NAME = 200;

  /**
   * Ends of names of weights and programs that a loader could take in place of what is screened.
   */
  private static final List<String> NOT_SCREENED =
      List.of(
          ".bin",
          ".pt",
          ".pth",
          ".ckpt",
          ".pkl",
          ".pickle",
          ".h5",
          ".msgpack",
          ".onnx",
          ".gguf",
          ".ggml",
          ".tflite",
          ".npz",
          ".npy",
          ".py",
          ".so",
          ".safetensors");

  private final UploadArea uploads;
  private final ObjectStore objects;
  private final ModelStore models;
  private final InboxPublisher inbox;
  private final Envelopes envelopes;

  Ingestion(
      UploadArea uploads,
      ObjectStore objects,
      ModelStore models,
      InboxPublisher inbox,
      Envelopes envelopes) {
    this.uploads = uploads;
    this.objects = objects;
    this.models = models;
    this.inbox = inbox;
    this.envelopes = envelopes;
  }

  UploadArea.Receipt submit(String uploadId, IngestionResource.Submission submission) {
    return uploads.exclusively(uploadId, () -> submitted(uploadId, submission));
  }

  private UploadArea.Receipt submitted(String uploadId, IngestionResource.Submission submission) {
    Optional<UploadArea.Receipt> earlier = uploads.receipt(uploadId);
    if (earlier.isPresent()) {
      return earlier.get();
    }
    ModelSummary summary = ModelDirectory.inspect(uploads.model(uploadId));
    summary.files().forEach(file -> refuseWhatIsNotScreened(file, summary.weightFiles()));
    ScreeningInputs inputs = inputs(uploadId, submission);
    String digest = models.put(uploads.model(uploadId));
    String name = uploads.modelName(uploadId);
    String screeningId = Ids.derive("screening", uploadId);
    inbox.publish(
        ModelIngested.newBuilder()
            .setEnvelope(
                envelopes.first(
                    Ids.derive("ingested", screeningId), "ModelIngested", screeningId, name))
            .setModel(
                ModelRef.newBuilder()
                    .setName(name)
                    .setDigest(digest)
                    .setArchitecture(summary.architecture())
                    .setParameters(summary.parameters())
                    .build())
            .setInputs(inputs)
            .setRequestedBy(requestedBy(submission))
            .build());
    UploadArea.Receipt receipt = new UploadArea.Receipt(screeningId, digest);
    uploads.close(uploadId, receipt);
    return receipt;
  }

  /** What is released together must have been screened together. */
  private static void refuseWhatIsNotScreened(String file, List<String> screened) {
    String lower = file.toLowerCase(Locale.ROOT);
    if (!screened.contains(file) && NOT_SCREENED.stream().anyMatch(lower::endsWith)) {
      throw ProblemException.of(
          "MODEL_FILE_NOT_SCREENED",
          file + " holds weights or a program that no stage would look at.",
          "Upload the model without it: only "
              + ModelDirectory.WEIGHTS
              + ", or the shards that its index names, are screened.");
    }
  }

  private static String requestedBy(IngestionResource.Submission submission) {
    String name = submission == null ? null : submission.requestedBy();
    if (name != null && name.length() > LONGEST_NAME) {
      throw ProblemException.of(
          "REQUEST_TOO_LONG",
          "The name of the one who asks has " + name.length() + " characters.",
          "Give at most " + LONGEST_NAME + ".");
    }
    return name == null ? "" : name.strip();
  }

  /** Reads every data file once, so that a bad line is refused here and not hours later. */
  private ScreeningInputs inputs(String id, IngestionResource.Submission submission) {
    Path prompts =
        uploads
            .data(id, PROMPTS)
            .orElseThrow(
                () ->
                    ProblemException.of(
                        "PROMPTS_MISSING",
                        "A screening needs clean prompts with answers.",
                        "Upload them as data/prompts: JSON lines of instruction, input, output."));
    PromptFile.read(prompts);
    uploads.data(id, EVALUATION).ifPresent(PromptFile::read);
    uploads.data(id, MULTIPLE_CHOICE).ifPresent(MultipleChoiceFile::read);
    uploads.data(id, SCORING_TRIGGERS).ifPresent(KnownTriggerFile::read);
    String policyText = submission == null ? null : submission.policy();
    String template = submission == null ? null : submission.template();
    // A template that fails on a plain user text would fail every stage.
    PromptTemplate.of(template, own(id, template));
    Policy policy = policyText == null ? Policy.standard() : Policy.parse(policyText);
    Long seed = submission == null ? null : submission.seed();
    return ScreeningInputs.newBuilder()
        .setPrompts(store(prompts))
        .setEvaluation(uploads.data(id, EVALUATION).map(this::store).orElse(null))
        .setMultipleChoice(uploads.data(id, MULTIPLE_CHOICE).map(this::store).orElse(null))
        .setScoringTriggers(uploads.data(id, SCORING_TRIGGERS).map(this::store).orElse(null))
        .setTemplate(template)
        // Without one the model's adopted policy is filled in when the screening is recorded.
        .setPolicy(policyText == null ? "" : policy.canonicalJson())
        .setSeed(seed == null ? DEFAULT_SEED : seed)
        .build();
  }

  private Optional<ChatTemplate> own(String id, String template) {
    return template == null ? ChatTemplate.read(uploads.model(id)) : Optional.empty();
  }

  private ObjectRef store(Path file) {
    StoredObject stored = objects.putContent("inputs", file);
    return ObjectRef.newBuilder()
        .setBucket(stored.bucket())
        .setKey(stored.key())
        .setSha256(stored.sha256())
        .setSize(stored.size())
        .build();
  }
}
