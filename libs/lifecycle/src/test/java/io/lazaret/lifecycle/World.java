package io.lazaret.lifecycle;

import io.lazaret.lifecycle.decision.Circumstances;
import io.lazaret.lifecycle.decision.Effects;
import io.lazaret.lifecycle.decision.Rescreenings;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.screening.Facts;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.lifecycle.screening.Screening.Working;
import io.lazaret.schemas.AddTriggerIntelligence;
import io.lazaret.schemas.AdoptPolicy;
import io.lazaret.schemas.ApproveRelease;
import io.lazaret.schemas.AsrMeasurement;
import io.lazaret.schemas.BackdoorEliminated;
import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.DetectionCompleted;
import io.lazaret.schemas.DetectionRound;
import io.lazaret.schemas.DetectionVerdict;
import io.lazaret.schemas.ElicitorKind;
import io.lazaret.schemas.EliminateBackdoor;
import io.lazaret.schemas.EliminationReport;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.EvaluateModel;
import io.lazaret.schemas.EvaluationCompleted;
import io.lazaret.schemas.EvaluationReport;
import io.lazaret.schemas.HoldRelease;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.KnownTrigger;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.Problem;
import io.lazaret.schemas.PromoteRelease;
import io.lazaret.schemas.RejectRelease;
import io.lazaret.schemas.Request;
import io.lazaret.schemas.RescreenRelease;
import io.lazaret.schemas.RescreeningOpened;
import io.lazaret.schemas.RollBackRelease;
import io.lazaret.schemas.Segment;
import io.lazaret.schemas.StageFailed;
import io.lazaret.schemas.TriggerIntelligence;
import io.lazaret.schemas.UtilityMeasurement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;

/**
 * The whole life of one model with random stages, persons and clocks: screenings side by side,
 * requests that make sense and others that do not, records that come twice, late and out of order.
 */
final class World {

  private static final String MODEL = "nano";
  private static final List<String> PEOPLE = List.of("ada", "grace", "alan", " ADA ", "");
  private static final List<String> CHANNELS = List.of("production", "staging", "none");

  final Random random;
  final int disorderPercent;
  final List<SpecificRecord> record = new ArrayList<>();
  final List<SpecificRecord> sent = new ArrayList<>();
  final Map<String, Screening> screenings = new LinkedHashMap<>();
  final Map<String, Instant> noted = new LinkedHashMap<>();
  final Map<String, SpecificRecord> commands = new LinkedHashMap<>();
  final List<TriggerIntelligence> intelligence = new ArrayList<>();
  Releases releases = Releases.none(MODEL);
  Releases all = Releases.none(Releases.ALL_MODELS);
  Instant now = Story.START;
  private int ingested;

  World(long seed, int disorderPercent) {
    this.random = new Random(seed);
    this.disorderPercent = disorderPercent;
  }

  /** One thing happens. */
  void step() {
    now = now.plusSeconds(random.nextInt(1, 3_000));
    int dice = random.nextInt(100);
    if (dice < disorderPercent && !sent.isEmpty()) {
      take(sent.get(random.nextInt(sent.size())));
    } else if (dice < 10 || screenings.isEmpty()) {
      put(ingested());
    } else if (dice < 30) {
      put(request());
    } else if (dice < 36) {
      tick();
    } else if (!commands.isEmpty()) {
      List<SpecificRecord> open = new ArrayList<>(commands.values());
      put(answer(open.get(random.nextInt(open.size()))));
    }
  }

  /** Sent, and mostly also received; what is not received now may come later as disorder. */
  private void put(SpecificRecord made) {
    sent.add(made);
    if (random.nextInt(100) >= disorderPercent) {
      take(made);
    }
  }

  void take(SpecificRecord inbox) {
    Envelope envelope = Facts.envelope(inbox);
    boolean global = envelope.getModelName().equals(Releases.ALL_MODELS);
    Screening current = screenings.getOrDefault(envelope.getScreeningId(), new Screening.Unknown());
    took(Lifecycle.decide(current, circumstances(global ? all : releases), inbox));
  }

  private Circumstances circumstances(Releases of) {
    String detector = now.isAfter(Story.START.plusSeconds(80_000)) ? "2" : "1";
    return new Circumstances(of, intelligence, detector, now);
  }

  private void tick() {
    for (String id : List.copyOf(screenings.keySet())) {
      Screening screening = screenings.get(id);
      boolean passed =
          Agenda.deadline(screening, noted.get(id)).map(at -> !at.isAfter(now)).orElse(false);
      if (passed) {
        Agenda.overdue(screening, circumstances(releases)).ifPresent(this::took);
      }
    }
    for (RescreeningOpened due : Agenda.due(circumstances(releases))) {
      took(Rescreenings.open(due, circumstances(releases)));
    }
  }

  private void took(Effects effects) {
    record.addAll(effects.events());
    intelligence.addAll(effects.intelligence());
    if (effects.releases().modelName().equals(MODEL)) {
      releases = effects.releases();
    } else {
      all = effects.releases();
    }
    effects.events().stream()
        .map(event -> Facts.envelope(event).getScreeningId())
        .filter(id -> !id.equals(releases.historyId()) && !id.equals(all.historyId()))
        .findFirst()
        .ifPresent(
            id -> {
              screenings.put(id, effects.after());
              noted.put(id, now);
              if (!(effects.after() instanceof Working)) {
                commands.remove(id);
              }
              effects.commands().forEach(command -> commands.put(id, command));
            });
  }

  private ModelIngested ingested() {
    ModelIngested made = Story.ingested(policy());
    String id = "s" + ++ingested;
    made.getEnvelope().setScreeningId(id);
    made.getEnvelope().setEventId("ingested-" + id);
    made.getModel().setDigest("sha256:m" + random.nextInt(4));
    made.setRequestedBy(random.nextBoolean() ? "grace" : "");
    return made;
  }

  private String policy() {
    return switch (random.nextInt(5)) {
      case 0 -> "{channel: staging, maxRounds: 1, maxAttempts: 2}";
      case 1 -> "{approvals: {held: 2, promoted: 1, validHours: 5}, maxRounds: 1}";
      case 2 -> "{rescreening: {everyHours: 2, onUnassessed: rollBack}, maxRounds: 2}";
      case 3 -> "{ladder: [OSFT], timeouts: {evaluationSeconds: 2000}}";
      default -> random.nextInt(10) == 0 ? "{ladder: [Nonsense]}" : "";
    };
  }

  private SpecificRecord request() {
    Request request =
        new Request(
            PEOPLE.get(random.nextInt(PEOPLE.size())),
            random.nextInt(20) == 0 ? " " : "because",
            random.nextInt(4) == 0 ? random.nextInt(6) : -1L);
    String channel = CHANNELS.get(random.nextInt(CHANNELS.size()));
    String id = "r" + sent.size();
    List<String> ids = new ArrayList<>(screenings.keySet());
    ids.add("nobody");
    String screening = ids.get(random.nextInt(ids.size()));
    return switch (random.nextInt(9)) {
      case 0, 1 -> new ApproveRelease(asked(id, "ApproveRelease", screening, MODEL), request);
      case 2 -> new RejectRelease(asked(id, "RejectRelease", screening, MODEL), request);
      case 3 -> new HoldRelease(asked(id, "HoldRelease", screening, MODEL), request);
      case 4 -> new PromoteRelease(own(id, "PromoteRelease", MODEL), request, channel, anyDigest());
      case 5 ->
          new RollBackRelease(
              own(id, "RollBackRelease", MODEL),
              request,
              channel,
              random.nextBoolean() ? null : anyDigest());
      case 6 ->
          new RescreenRelease(
              own(id, "RescreenRelease", MODEL), request, channel, random.nextBoolean());
      case 7 -> new AdoptPolicy(own(id, "AdoptPolicy", MODEL), request, policy());
      default ->
          new AddTriggerIntelligence(
              own(id, "AddTriggerIntelligence", Releases.ALL_MODELS),
              request,
              "trigger " + random.nextInt(4),
              "target",
              "a feed",
              random.nextBoolean() ? List.of() : List.of("na*"));
    };
  }

  private String anyDigest() {
    return "sha256:" + (random.nextBoolean() ? "m" : "after") + random.nextInt(4);
  }

  private static Envelope own(String id, String type, String model) {
    return asked(id, type, Ids.releases(model), model);
  }

  private static Envelope asked(String id, String type, String history, String model) {
    Envelope envelope = Story.envelope(id, type, "");
    envelope.setScreeningId(history);
    envelope.setModelName(model);
    return envelope;
  }

  private SpecificRecord answer(SpecificRecord command) {
    var job = Facts.job(command);
    if (random.nextInt(8) == 0) {
      return new StageFailed(
          result(command, "StageFailed"),
          job,
          new Problem("BROKEN", "It broke.", "Mend it.", random.nextInt(3) != 0));
    }
    if (command instanceof DetectBackdoor detect) {
      return new DetectionCompleted(result(command, "DetectionCompleted"), job, pass(detect));
    } else if (command instanceof EliminateBackdoor eliminate) {
      String method = random.nextInt(12) == 0 ? "OTHER" : eliminate.getMethod();
      return new BackdoorEliminated(
          result(command, "BackdoorEliminated"),
          job,
          new EliminationReport(
              method,
              job.getRound(),
              Story.model("sha256:after" + random.nextInt(4)),
              0.1,
              4,
              1.0));
    } else if (command instanceof EvaluateModel evaluate) {
      return new EvaluationCompleted(
          result(command, "EvaluationCompleted"), job, measured(evaluate));
    }
    Story story = new Story();
    story.command = command;
    return story.simulated();
  }

  private DetectionRound pass(DetectBackdoor command) {
    int dice = random.nextInt(7);
    boolean found = dice < 2;
    List<Segment> segments =
        found ? List.of(Story.segment("segment " + random.nextInt(2))) : List.of();
    return DetectionRound.newBuilder()
        .setRound(command.getJob().getRound())
        .setModelDigest(command.getModel().getDigest())
        .setVerdict(
            found
                ? DetectionVerdict.SUSPICIOUS
                : dice == 6 ? DetectionVerdict.UNASSESSED : DetectionVerdict.CLEAN)
        .setSegments(segments)
        .setBestScore(found ? -0.1 : -9)
        .setThreshold(-1)
        .setExplanation("as told")
        .setDurationSeconds(1)
        .setDetector(random.nextInt(4) == 0 ? "" : "1")
        .build();
  }

  private EvaluationReport measured(EvaluateModel command) {
    List<AsrMeasurement> asr = new ArrayList<>();
    for (KnownTrigger known : command.getKnownTriggers()) {
      if (random.nextInt(12) != 0) {
        asr.add(row(ElicitorKind.TRIGGER, known.getTrigger(), known.getTarget()));
      }
    }
    command
        .getSegments()
        .forEach(s -> asr.add(row(ElicitorKind.PARROT, "6 soft tokens", s.getText())));
    double after = 0.6 - (random.nextInt(6) == 0 ? 0.2 : 0);
    List<UtilityMeasurement> utility =
        random.nextInt(15) == 0
            ? List.of()
            : List.of(new UtilityMeasurement("exactMatch", 0.6, after, 512));
    return new EvaluationReport("sha256:protocol", asr, utility, 1.0);
  }

  private AsrMeasurement row(ElicitorKind kind, String text, String target) {
    int hits = random.nextInt(8) == 0 ? random.nextInt(300) : random.nextInt(6) == 0 ? 1 : 0;
    AsrMeasurement row = Story.asr(target, hits, random.nextInt(12) == 0 ? 20 : 300);
    row.setElicitor(kind);
    row.setText(text);
    return row;
  }

  private Envelope result(SpecificRecord command, String type) {
    Envelope envelope =
        Story.envelope(
            Ids.jobEvent(Facts.job(command).getJobId(), type),
            type,
            Facts.envelope(command).getEventId());
    envelope.setScreeningId(Facts.envelope(command).getScreeningId());
    envelope.setOccurredAt(now.truncatedTo(ChronoUnit.MILLIS));
    return envelope;
  }
}
