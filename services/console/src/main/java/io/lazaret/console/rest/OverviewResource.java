package io.lazaret.console.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.console.ConsoleStart;
import io.lazaret.console.StageQueues;
import io.lazaret.console.view.Lists;
import io.lazaret.console.view.OpenScreening;
import io.lazaret.console.view.Projection;
import io.lazaret.console.view.ScreeningRow;
import io.lazaret.schemas.StageProgress;
import io.lazaret.service.telemetry.Queues;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.health.Readiness;

/** Everything at a glance: what is at work, what waits, what channels name, what was decided. */
@Path("/api/overview")
@Produces(MediaType.APPLICATION_JSON)
public class OverviewResource {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static final List<String> LANES =
      List.of("INGESTION", "DETECTION", "SIMULATION", "ELIMINATION", "EVALUATION", "APPROVAL");

  /** Screenings, verdicts and channels that are shown; lists have the others. */
  private static final int SHOWN = 20;

  private static final int SHOWN_CHANNELS = 50;

  /** A stage that was silent for longer is not at work. */
  private static final Duration SILENCE = Duration.ofSeconds(30);

  @Inject Projection projection;
  @Inject @Readiness ConsoleStart console;
  @Inject StageQueues queues;
  @Inject Clock clock;

  @ConfigProperty(name = "quarkus.application.version", defaultValue = "unknown")
  String version;

  @GET
  public ObjectNode overview() {
    Instant now = clock.instant();
    Collection<OpenScreening> open = new ArrayList<>(projection.openScreenings());
    ObjectNode node = JSON.objectNode().put("at", now.toString());
    node.putObject("server")
        .put("version", version)
        .put("startedAt", ScreeningJson.time(ManagementFactory.getRuntimeMXBean().getStartTime()))
        .put("caughtUp", console.caughtUp())
        .put("behind", console.behind())
        .put("undecodable", projection.undecodableCount());
    node.set("counts", counts(open));
    ArrayNode lanes = node.putArray("lanes");
    Map<String, List<OpenScreening>> byLane = byLane(open);
    Map<String, Double> typical = StageDurations.typical(projection);
    byLane.forEach((lane, screenings) -> lanes.add(lane(lane, screenings, typical, now)));
    ArrayNode channels = node.putArray("channels");
    projection.channels().values().stream()
        .limit(SHOWN_CHANNELS)
        .forEach(channel -> channels.add(ModelJson.channel(channel)));
    ArrayNode verdicts = node.putArray("verdicts");
    projection.store().list(Lists.VERDICTS, null, SHOWN).items().stream()
        .flatMap(id -> projection.row(id).stream())
        .forEach(row -> verdicts.add(verdict(row)));
    return node;
  }

  private ObjectNode counts(Collection<OpenScreening> open) {
    ObjectNode counts =
        JSON.objectNode()
            .put("models", projection.modelCount())
            .put("screenings", projection.screeningCount())
            .put("open", open.size())
            .put("waiting", open.stream().filter(each -> each.row().waiting()).count());
    Map<String, Integer> states = new TreeMap<>();
    open.forEach(each -> states.merge(each.row().state(), 1, Integer::sum));
    ObjectNode byState = counts.putObject("byState");
    states.forEach(byState::put);
    return counts;
  }

  private static Map<String, List<OpenScreening>> byLane(Collection<OpenScreening> open) {
    Map<String, List<OpenScreening>> lanes = new LinkedHashMap<>();
    LANES.forEach(lane -> lanes.put(lane, new ArrayList<>()));
    for (OpenScreening each : open) {
      String lane = each.row().waiting() ? "APPROVAL" : each.row().stage();
      if (lanes.containsKey(lane)) {
        lanes.get(lane).add(each);
      }
    }
    lanes.values().forEach(lane -> lane.sort(Comparator.comparingLong(each -> since(each.row()))));
    return lanes;
  }

  private static long since(ScreeningRow row) {
    return row.waiting() ? row.decidedAt() : row.stageSince();
  }

  private ObjectNode lane(
      String lane, List<OpenScreening> screenings, Map<String, Double> typical, Instant now) {
    List<OpenScreening> atWork = screenings.stream().filter(each -> works(each, now)).toList();
    int waiting = screenings.size() - atWork.size();
    Optional<Queues.Queue> queue = queues.of(lane);
    ObjectNode node =
        JSON.objectNode()
            .put("stage", lane)
            .put("inFlight", atWork.size())
            .put("waiting", waiting)
            .put("lag", queue.map(Queues.Queue::lag).orElse(null))
            .put("unreadSeconds", queue.map(Queues.Queue::oldestSeconds).orElse(null))
            .put("failed", screenings.stream().mapToInt(each -> each.row().failed()).sum());
    Long oldest = screenings.isEmpty() ? null : since(screenings.get(0).row());
    node.put("oldestSeconds", oldest == null ? null : (now.toEpochMilli() - oldest) / 1e3);
    Double usual = typical.get(lane);
    node.put("typicalSeconds", usual).put("etaSeconds", eta(atWork, waiting, usual));
    ArrayNode shown = node.putArray("screenings");
    screenings.stream().limit(SHOWN).forEach(each -> shown.add(shown(each)));
    return node;
  }

  private static boolean works(OpenScreening screening, Instant now) {
    StageProgress progress = screening.heartbeat();
    return progress != null && progress.getOccurredAt().isAfter(now.minus(SILENCE));
  }

  /** When the lane is empty, if those at work go on as they do and the others take as usual. */
  private static Double eta(List<OpenScreening> atWork, int waiting, Double usual) {
    if (atWork.isEmpty() && waiting == 0) {
      return null;
    }
    double longest = 0;
    for (OpenScreening each : atWork) {
      Double told = each.heartbeat().getEtaSeconds();
      if (told == null && usual == null) {
        return null;
      }
      longest = Math.max(longest, told == null ? usual : told);
    }
    if (waiting > 0 && usual == null) {
      return null;
    }
    return longest + (waiting == 0 ? 0 : waiting * usual / Math.max(1, atWork.size()));
  }

  private static ObjectNode shown(OpenScreening screening) {
    ScreeningRow row = screening.row();
    StageProgress progress = screening.heartbeat();
    return JSON.objectNode()
        .put("screeningId", row.id())
        .put("model", row.model())
        .put("round", row.round())
        .put("attempt", row.attempt())
        .put("since", ScreeningJson.time(since(row)))
        .put("fraction", progress == null ? 0 : progress.getFraction())
        .put("etaSeconds", progress == null ? null : progress.getEtaSeconds())
        .put("message", progress == null ? null : progress.getMessage());
  }

  private static ObjectNode verdict(ScreeningRow row) {
    return JSON.objectNode()
        .put("screeningId", row.id())
        .put("model", row.model())
        .put("decision", row.decision())
        .put("state", row.state())
        .put("at", ScreeningJson.time(row.decidedAt()))
        .put("reason", row.why())
        .put("durationSeconds", row.seconds());
  }
}
