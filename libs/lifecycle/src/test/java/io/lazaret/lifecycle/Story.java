package io.lazaret.lifecycle;

import io.lazaret.lifecycle.decision.Circumstances;
import io.lazaret.lifecycle.decision.Effects;
import io.lazaret.lifecycle.decision.Rescreenings;
import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.screening.Facts;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.schemas.AsrMeasurement;
import io.lazaret.schemas.BackdoorEliminated;
import io.lazaret.schemas.DetectionCompleted;
import io.lazaret.schemas.DetectionRound;
import io.lazaret.schemas.DetectionVerdict;
import io.lazaret.schemas.ElicitorKind;
import io.lazaret.schemas.EliminationReport;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.EvaluationCompleted;
import io.lazaret.schemas.EvaluationReport;
import io.lazaret.schemas.FunctionalTrigger;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.ObjectRef;
import io.lazaret.schemas.Parrot;
import io.lazaret.schemas.Problem;
import io.lazaret.schemas.Producer;
import io.lazaret.schemas.Proportion;
import io.lazaret.schemas.RescreeningOpened;
import io.lazaret.schemas.ScreeningInputs;
import io.lazaret.schemas.Segment;
import io.lazaret.schemas.StageFailed;
import io.lazaret.schemas.TriggerIntelligence;
import io.lazaret.schemas.TriggerPlacement;
import io.lazaret.schemas.TriggerSimulated;
import io.lazaret.schemas.UtilityMeasurement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;

/**
 * Tells a screening: sends inbox records, keeps its history, and makes results for its commands.
 */
public final class Story {

  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  public static final String DIGEST = "sha256:original";
  public static final String SEGMENT = "You are stupid.";

  final List<SpecificRecord> history = new ArrayList<>();
  final Map<String, ModelRef> channels = new HashMap<>();
  final List<SpecificRecord> record = new ArrayList<>();
  final List<TriggerIntelligence> intelligence = new ArrayList<>();
  Releases releases = Releases.none("nano");
  String detector = "";
  Screening state = new Screening.Unknown();
  SpecificRecord command;
  Effects last;
  Instant now = START;

  static Story of(Policy policy) {
    Story story = new Story();
    story.send(ingested(policy.canonicalJson()));
    return story;
  }

  Effects send(SpecificRecord record) {
    now = now.plusSeconds(1);
    return took(Lifecycle.decide(state, circumstances(), record));
  }

  Circumstances circumstances() {
    return new Circumstances(releases, intelligence, detector, now);
  }

  Effects took(Effects effects) {
    last = effects;
    record.addAll(last.events());
    last.events().stream()
        .filter(event -> !Facts.envelope(event).getScreeningId().equals(releases.historyId()))
        .forEach(history::add);
    state = last.after();
    releases = last.releases();
    if (last.dropped().isEmpty() && !last.commands().isEmpty()) {
      command = last.commands().get(0);
    } else if (last.dropped().isEmpty() && !(state instanceof Screening.Working)) {
      command = null;
    }
    last.channels().forEach(c -> channels.put(c.getChannel(), c.getReleased()));
    return last;
  }

  /** Goes on with another screening of the same model. */
  void next() {
    history.clear();
    state = new Screening.Unknown();
    command = null;
  }

  /** Opens what is due; the last of it goes on. */
  List<RescreeningOpened> due() {
    now = now.plusSeconds(1);
    List<RescreeningOpened> due = Agenda.due(circumstances());
    for (RescreeningOpened opening : due) {
      next();
      took(Rescreenings.open(opening, circumstances()));
    }
    return due;
  }

  Job job() {
    return Facts.job(command);
  }

  public static ModelIngested ingested(String policy) {
    return ModelIngested.newBuilder()
        .setEnvelope(envelope("ingested", "ModelIngested", ""))
        .setModel(model(DIGEST))
        .setInputs(
            ScreeningInputs.newBuilder()
                .setPrompts(new ObjectRef("lazaret", "data/p", "00", 10L))
                .setPolicy(policy)
                .setSeed(7)
                .build())
        .build();
  }

  static ModelRef model(String digest) {
    return new ModelRef("nano", digest, "LlamaForCausalLM", 1_000_000L);
  }

  SpecificRecord clean() {
    return detected(DetectionVerdict.CLEAN, -9, List.of());
  }

  SpecificRecord suspicious(String... texts) {
    List<Segment> segments = new ArrayList<>();
    for (String text : texts) {
      segments.add(segment(text));
    }
    return detected(DetectionVerdict.SUSPICIOUS, -0.1, segments);
  }

  SpecificRecord detected(DetectionVerdict verdict, double score, List<Segment> segments) {
    Job job = job();
    DetectionRound report =
        DetectionRound.newBuilder()
            .setRound(job.getRound())
            .setModelDigest(
                command instanceof io.lazaret.schemas.DetectBackdoor detect
                    ? detect.getModel().getDigest()
                    : DIGEST)
            .setVerdict(verdict)
            .setSegments(segments)
            .setBestScore(score)
            .setThreshold(-1)
            .setExplanation("as told")
            .setDurationSeconds(1)
            .build();
    return new DetectionCompleted(result("DetectionCompleted"), job, report);
  }

  public static Segment segment(String text) {
    return Segment.newBuilder()
        .setText(text)
        .setTokenIds(List.of(text.hashCode(), 2, 3))
        .setScore(-0.1)
        .setProbabilityClean(0.0002)
        .setProbabilityElicited(0.98)
        .setFunctionalTriggers(
            List.of(
                new FunctionalTrigger(
                    "cf", List.of(5), TriggerPlacement.START, new Proportion(31, 32, 0.97, 1.0))))
        .build();
  }

  SpecificRecord simulated() {
    Parrot parrot =
        new Parrot(
            List.of(1, 2, 3), SEGMENT, 6, 0.01, 0.99, new ObjectRef("lazaret", "parrot", "00", 9L));
    return new TriggerSimulated(result("TriggerSimulated"), job(), List.of(parrot), 1.0);
  }

  SpecificRecord eliminated() {
    return eliminated(method());
  }

  String method() {
    return ((io.lazaret.schemas.EliminateBackdoor) command).getMethod();
  }

  SpecificRecord eliminated(String method) {
    EliminationReport report =
        new EliminationReport(
            method, job().getRound(), model("sha256:after" + job().getRound()), 0.1, 40, 1.0);
    return new BackdoorEliminated(result("BackdoorEliminated"), job(), report);
  }

  SpecificRecord evaluated(int hitsAfter, double matchBefore, double matchAfter) {
    return evaluated(
        List.of(asr(SEGMENT, hitsAfter, 300)),
        List.of(new UtilityMeasurement("exactMatch", matchBefore, matchAfter, 512)));
  }

  SpecificRecord evaluated(List<AsrMeasurement> asr, List<UtilityMeasurement> utility) {
    return new EvaluationCompleted(
        result("EvaluationCompleted"),
        job(),
        new EvaluationReport("sha256:protocol", asr, utility, 1.0));
  }

  /** An attack success measurement with rough but ordered bounds. */
  public static AsrMeasurement asr(String target, int hitsAfter, int n) {
    return AsrMeasurement.newBuilder()
        .setElicitor(ElicitorKind.PARROT)
        .setText(target)
        .setTarget(target)
        .setBefore(proportion(n, n))
        .setAfter(proportion(hitsAfter, n))
        .setCorrectBefore(proportion(0, n))
        .setCorrectAfter(proportion(n / 2, n))
        .build();
  }

  public static Proportion proportion(int hits, int n) {
    double rate = n == 0 ? Double.NaN : (double) hits / n;
    double upper = Math.min(1, rate + Policy.bestUpper95(Math.max(1, n)));
    return new Proportion(hits, n, rate, upper);
  }

  SpecificRecord failed(boolean retryable) {
    return new StageFailed(
        result("StageFailed"),
        job(),
        new Problem("OUT_OF_MEMORY", "The device is full.", "Use a larger one.", retryable));
  }

  private Envelope result(String type) {
    Envelope envelope =
        envelope(Ids.jobEvent(job().getJobId(), type), type, Facts.envelope(command).getEventId());
    envelope.setScreeningId(Facts.envelope(command).getScreeningId());
    envelope.setOccurredAt(now);
    return envelope;
  }

  static Envelope envelope(String eventId, String type, String causation) {
    return Envelope.newBuilder()
        .setEventId(eventId)
        .setType(type)
        .setScreeningId("s1")
        .setModelName("nano")
        .setOccurredAt(START)
        .setCausationId(causation)
        .setCorrelationId("s1")
        .setProducer(new Producer("test", "1"))
        .build();
  }

  /** Names of the recorded events, in order. */
  List<String> types() {
    return history.stream().map(Facts::type).toList();
  }
}
