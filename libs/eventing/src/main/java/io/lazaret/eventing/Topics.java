package io.lazaret.eventing;

import io.lazaret.schemas.ActionAudited;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.EliminateBackdoor;
import io.lazaret.schemas.EvaluateModel;
import io.lazaret.schemas.SimulateTrigger;
import io.lazaret.schemas.Stage;
import io.lazaret.schemas.StageProgress;
import io.lazaret.schemas.TriggerIntelligence;
import java.util.List;
import java.util.Locale;
import org.apache.avro.specific.SpecificRecord;

/**
 * Names of the topics. What each is for stands in the AsyncAPI document; settings in {@link
 * TopicPlan}.
 */
public final class Topics {

  /** All that wants to change a screening or a release; key: model name. */
  public static final String INBOX = "lazaret.inbox";

  /** What orchestration decided, in sequence, kept for ever; key: model name. */
  public static final String EVENTS = "lazaret.events";

  /** Heartbeats and percentages, short-lived; key: model name. */
  public static final String PROGRESS = "lazaret.progress";

  /** What serving systems follow, compacted; key: {@code model/channel}. */
  public static final String RELEASES = "lazaret.releases";

  /** Trigger intelligence, compacted; key: trigger id. */
  public static final String TRIGGERS = "lazaret.triggers";

  /** Who asked for what, and how it was answered; key: actor. */
  public static final String AUDIT = "lazaret.audit";

  /** Stages that are given work as commands; ingestion is asked over REST. */
  public static final List<Stage> COMMANDED =
      List.of(Stage.DETECTION, Stage.SIMULATION, Stage.ELIMINATION, Stage.EVALUATION);

  private Topics() {}

  /** The work queue of a stage, e.g. {@code lazaret.commands.detection}; key: model name. */
  public static String commands(Stage stage) {
    if (!COMMANDED.contains(stage)) {
      throw new IllegalArgumentException(stage + " takes no commands");
    }
    return "lazaret.commands." + stage.name().toLowerCase(Locale.ROOT);
  }

  /** Where records of a topic go that nobody can read. */
  public static String deadLetters(String topic) {
    return topic + ".dlq";
  }

  /** The stage that a command is for. */
  public static Stage stageOf(Class<? extends SpecificRecord> command) {
    if (command == DetectBackdoor.class) {
      return Stage.DETECTION;
    } else if (command == SimulateTrigger.class) {
      return Stage.SIMULATION;
    } else if (command == EliminateBackdoor.class) {
      return Stage.ELIMINATION;
    } else if (command == EvaluateModel.class) {
      return Stage.EVALUATION;
    }
    throw new IllegalArgumentException(command.getSimpleName() + " is not a command");
  }

  /**
   * The topic that orchestration writes a record to: commands to the queue of their stage, channel
   * states, trigger intelligence and progress to their own topics, everything else is a fact.
   */
  public static String of(SpecificRecord record) {
    if (record instanceof DetectBackdoor
        || record instanceof SimulateTrigger
        || record instanceof EliminateBackdoor
        || record instanceof EvaluateModel) {
      return commands(stageOf(record.getClass()));
    } else if (record instanceof ChannelState) {
      return RELEASES;
    } else if (record instanceof TriggerIntelligence) {
      return TRIGGERS;
    } else if (record instanceof StageProgress) {
      return PROGRESS;
    } else if (record instanceof ActionAudited) {
      return AUDIT;
    }
    return EVENTS;
  }
}
