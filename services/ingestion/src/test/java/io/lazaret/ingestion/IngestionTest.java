package io.lazaret.ingestion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.checkpoints.ModelStore;
import io.lazaret.llm.files.ShardIndex;
import io.lazaret.llm.files.ShardWriter;
import io.lazaret.llm.files.WeightFiles;
import io.lazaret.llm.files.safetensors.StoredTensor;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.ModelIngested;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Submissions against a real store and a real inbox. */
class IngestionTest {

  private static final Path MODEL = Surroundings.MODEL;
  private static final String ROW = Surroundings.ROW;

  private static final UploadArea.Limits LIMITS = new UploadArea.Limits(1 << 20, 1 << 16, 100);

  @TempDir static Path servers;
  @TempDir Path staging;

  private static Surroundings around;

  @BeforeAll
  static void start() {
    around = new Surroundings(servers);
  }

  @AfterAll
  static void stop() throws Exception {
    around.close();
  }

  @Test
  void anAcceptedModelIsStoredAndAnnouncedOnceUnderOneAnswer() throws IOException {
    UploadArea uploads = uploads();
    Ingestion ingestion = ingestion(uploads);
    String id = upload(uploads, "accepted", ROW);
    var answer = ingestion.submit(id, new IngestionResource.Submission(null, null, 3L, "ada"));
    assertThat(ingestion.submit(id, null)).isEqualTo(answer);

    List<ModelIngested> announced = announced("accepted");
    assertThat(announced).hasSize(1);
    ModelIngested event = announced.get(0);
    assertThat(event.getEnvelope().getScreeningId()).isEqualTo(answer.screeningId());
    assertThat(event.getModel().getDigest()).isEqualTo(answer.digest());
    assertThat(event.getInputs().getSeed()).isEqualTo(3);
    assertThat(event.getInputs().getPolicy()).as("that of the model, when recorded").isEmpty();
    assertThat(event.getRequestedBy()).isEqualTo("ada");
    assertThat(new ModelStore(around.objects()).manifest(answer.digest()).files())
        .extracting("path")
        .contains("model.safetensors", "config.json", "tokenizer.json");
  }

  @Test
  void aSubmissionThatDiedBeforeItsAnswerEndsInTheSameScreening() throws IOException {
    UploadArea uploads = uploads();
    String id = upload(uploads, "twice", ROW);
    UploadArea forgetful =
        new UploadArea(staging, LIMITS) {
          @Override
          void close(String uploadId, Receipt receipt) {
            throw new IllegalStateException("killed");
          }
        };
    assertThatThrownBy(() -> ingestion(forgetful).submit(id, null)).hasMessage("killed");
    var answer = ingestion(uploads).submit(id, null);
    assertThat(announced("twice"))
        .hasSize(2)
        .allSatisfy(
            event ->
                assertThat(event.getEnvelope().getScreeningId()).isEqualTo(answer.screeningId()))
        .extracting(event -> event.getEnvelope().getEventId())
        .containsOnly(announced("twice").get(0).getEnvelope().getEventId());
  }

  @Test
  void aBadPromptLineIsNamedByItsNumber() throws IOException {
    refused("line", "DATA_LINE_MALFORMED", "3", ROW + "\n" + ROW + "\n{\"instruction\": 5}\n");
  }

  @Test
  void anEmptyPromptFileIsRefused() throws IOException {
    refused("empty", "DATA_FILE_EMPTY", "", "");
  }

  @Test
  void missingPromptsAreRefused() throws IOException {
    UploadArea uploads = uploads();
    String id = upload(uploads, "missing", null);
    assertProblem(() -> ingestion(uploads).submit(id, null), "PROMPTS_MISSING", "prompts");
  }

  @Test
  void aBadPolicyIsRefusedByItsKey() throws IOException {
    UploadArea uploads = uploads();
    String id = upload(uploads, "policy", ROW);
    assertProblem(
        () ->
            ingestion(uploads)
                .submit(id, new IngestionResource.Submission("gate: {asr: 1}", null, null)),
        "POLICY_UNKNOWN_KEY",
        "gate.asr");
    assertThat(announced("policy")).isEmpty();
  }

  @Test
  void weightsThatNoStageWouldLookAtAreRefused() throws IOException {
    UploadArea uploads = uploads();
    String id = upload(uploads, "pickle", ROW);
    uploads.storeModelFile(id, "pytorch_model.BIN", bytes("pickle"));
    assertProblem(
        () -> ingestion(uploads).submit(id, null), "MODEL_FILE_NOT_SCREENED", "pytorch_model.BIN");
    assertThat(announced("pickle")).isEmpty();
  }

  @Test
  void shardsOfAnIndexAreScreenedAndNothingBesideThem() throws IOException {
    UploadArea uploads = uploads();
    String id = upload(uploads, "sharded", ROW);
    Path model = uploads.model(id);
    try (WeightFiles weights = WeightFiles.open(model)) {
      List<StoredTensor> tensors =
          weights.tensors().keySet().stream().map(weights::stored).toList();
      Path shards = Files.createTempDirectory(staging, "shards");
      ShardWriter.write(shards, tensors, 40_000);
      Files.delete(model.resolve("model.safetensors"));
      try (Stream<Path> files = Files.list(shards)) {
        for (Path file : files.toList()) {
          Files.move(file, model.resolve(file.getFileName()));
        }
      }
    }
    uploads.storeModelFile(id, "consolidated.safetensors", bytes("x"));
    assertProblem(
        () -> ingestion(uploads).submit(id, null), "MODEL_FILE_NOT_SCREENED", "consolidated");
    Files.delete(model.resolve("consolidated.safetensors"));
    var answer = ingestion(uploads).submit(id, null);
    assertThat(new ModelStore(around.objects()).manifest(answer.digest()).files())
        .extracting("path")
        .contains(ShardIndex.NAME)
        .filteredOn(name -> name.toString().startsWith("model-00001-of-"))
        .hasSize(1);
  }

  @Test
  void truncatedWeightsAreRefused() throws IOException {
    UploadArea uploads = uploads();
    String id = upload(uploads, "truncated", ROW);
    uploads.storeModelFile(id, "model.safetensors", bytes("too short"));
    assertThatThrownBy(() -> ingestion(uploads).submit(id, null))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem().code()).startsWith("SAFETENSORS_"));
  }

  private void refused(String model, String code, String named, String prompts) throws IOException {
    UploadArea uploads = uploads();
    String id = upload(uploads, model, prompts);
    assertProblem(() -> ingestion(uploads).submit(id, null), code, named);
    assertThat(announced(model)).isEmpty();
  }

  private UploadArea uploads() {
    return new UploadArea(staging, LIMITS);
  }

  private static Ingestion ingestion(UploadArea uploads) {
    return around.ingestion(uploads);
  }

  private static String upload(UploadArea uploads, String name, String prompts) throws IOException {
    String id = uploads.open(name);
    try (Stream<Path> files = Files.list(MODEL)) {
      for (Path file : files.toList()) {
        try (InputStream in = Files.newInputStream(file)) {
          uploads.storeModelFile(id, file.getFileName().toString(), in);
        }
      }
    }
    if (prompts != null) {
      uploads.storeData(id, Ingestion.PROMPTS, bytes(prompts));
    }
    return id;
  }

  private static InputStream bytes(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void assertProblem(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String code, String named) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem().code()).isEqualTo(code);
              assertThat(e.problem().sentence()).contains(named);
            });
  }

  private static List<ModelIngested> announced(String model) {
    return around.announced(model);
  }
}
