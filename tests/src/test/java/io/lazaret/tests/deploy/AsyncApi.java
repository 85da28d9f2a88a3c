package io.lazaret.tests.deploy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.lazaret.eventing.Topics;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.Lazaret;
import io.lazaret.schemas.Stage;
import io.lazaret.schemas.StageProgress;
import io.lazaret.schemas.TriggerIntelligence;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.Schema;

/** The AsyncAPI 3.0 document of the topics, made from the schemas. */
final class AsyncApi {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Facts that stages and persons send, beside the requests; orchestration makes the others. */
  private static final Set<String> RESULTS =
      Set.of(
          "ModelIngested",
          "DetectionCompleted",
          "TriggerSimulated",
          "BackdoorEliminated",
          "EvaluationCompleted",
          "StageFailed");

  private static final Set<String> REQUESTS =
      Set.of(
          "ApproveRelease",
          "RejectRelease",
          "HoldRelease",
          "PromoteRelease",
          "RollBackRelease",
          "RescreenRelease",
          "AdoptPolicy",
          "AddTriggerIntelligence",
          "WithdrawTriggerIntelligence");

  private static final Set<String> COMMANDS =
      Set.of("DetectBackdoor", "SimulateTrigger", "EliminateBackdoor", "EvaluateModel");

  private final TreeMap<String, Schema> messages = new TreeMap<>();
  private final ObjectNode document = JSON.createObjectNode();

  private AsyncApi() {}

  /** The document as YAML. */
  static String document() {
    return new AsyncApi().generate();
  }

  private String generate() {
    for (Schema type : Lazaret.PROTOCOL.getTypes()) {
      boolean carried =
          type.getType() == Schema.Type.RECORD
              && (type.getField("envelope") != null || type.getName().equals("StageProgress"));
      if (carried) {
        messages.put(type.getName(), type);
      }
    }
    document.put("asyncapi", "3.0.0");
    document
        .putObject("info")
        .put("title", "Lazaret")
        .put("version", "0.1.0")
        .put("description", Lazaret.PROTOCOL.getDoc().strip());
    document.put("defaultContentType", "application/vnd.apache.avro");
    channels();
    operations();
    components();
    try {
      String yaml =
          YAMLMapper.builder()
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .disable(YAMLGenerator.Feature.SPLIT_LINES)
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
              .build()
              .writeValueAsString(document);
      return "# Made from schemas/ by AsyncApiTest; changes by hand are lost.\n" + yaml;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private void channels() {
    ObjectNode channels = document.putObject("channels");
    List<String> facts =
        messages.keySet().stream()
            .filter(
                name ->
                    !REQUESTS.contains(name)
                        && !COMMANDS.contains(name)
                        && !name.equals(ChannelState.class.getSimpleName())
                        && !name.equals(StageProgress.class.getSimpleName()))
            .toList();
    List<String> inbox = new ArrayList<>(RESULTS);
    inbox.addAll(REQUESTS);
    channel(
        channels,
        Topics.INBOX,
        "All that wants to change a screening or a release; key: model name.",
        inbox);
    channel(
        channels,
        Topics.EVENTS,
        "The record: what orchestration decided, in sequence, kept for ever; key: model name.",
        facts);
    for (Stage stage : Topics.COMMANDED) {
      channel(
          channels,
          Topics.commands(stage),
          "The work queue of " + stage.name().toLowerCase(Locale.ROOT) + "; key: model name.",
          List.of(command(stage)));
    }
    channel(
        channels,
        Topics.PROGRESS,
        "Heartbeats, losses and percentages, short-lived; key: model name.",
        List.of(StageProgress.class.getSimpleName()));
    channel(
        channels,
        Topics.RELEASES,
        "What serving systems follow, compacted; key: model/channel.",
        List.of(ChannelState.class.getSimpleName()));
    channel(
        channels,
        Topics.TRIGGERS,
        "Trigger intelligence, compacted; key: trigger id.",
        List.of(TriggerIntelligence.class.getSimpleName()));
  }

  private static String command(Stage stage) {
    return switch (stage) {
      case DETECTION -> "DetectBackdoor";
      case SIMULATION -> "SimulateTrigger";
      case ELIMINATION -> "EliminateBackdoor";
      case EVALUATION -> "EvaluateModel";
      case INGESTION -> throw new IllegalArgumentException(stage + " takes no commands");
    };
  }

  private static void channel(
      ObjectNode channels, String topic, String description, List<String> names) {
    ObjectNode channel =
        channels.putObject(topic).put("address", topic).put("description", description);
    ObjectNode carried = channel.putObject("messages");
    names.stream()
        .sorted()
        .forEach(name -> carried.putObject(name).put("$ref", "#/components/messages/" + name));
  }

  private void operations() {
    ObjectNode operations = document.putObject("operations");
    operation(operations, "followRecord", "receive", Topics.EVENTS, "Read what was decided.");
    operation(operations, "followReleases", "receive", Topics.RELEASES, "Serve what is named.");
    operation(operations, "watchProgress", "receive", Topics.PROGRESS, "Watch what is at work.");
    operation(operations, "ask", "send", Topics.INBOX, "Report a result, or ask for a change.");
    for (Stage stage : Topics.COMMANDED) {
      String name = stage.name().charAt(0) + stage.name().substring(1).toLowerCase(Locale.ROOT);
      operation(
          operations, "work" + name, "receive", Topics.commands(stage), "Work off the queue.");
    }
  }

  private static void operation(
      ObjectNode operations, String name, String action, String topic, String summary) {
    ObjectNode operation = operations.putObject(name).put("action", action);
    operation.putObject("channel").put("$ref", "#/channels/" + topic);
    operation.put("summary", summary);
  }

  private void components() {
    ObjectNode defined = document.putObject("components").putObject("messages");
    messages.forEach(
        (name, schema) -> {
          ObjectNode message = defined.putObject(name).put("name", name).put("title", name);
          if (schema.getDoc() != null) {
            message.put("summary", schema.getDoc().strip());
          }
          message
              .putObject("payload")
              .put("schemaFormat", "application/vnd.apache.avro+json;version=1.9.0")
              .set("schema", json(schema));
        });
  }

  private static JsonNode json(Schema schema) {
    try {
      return JSON.readTree(schema.toString());
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
