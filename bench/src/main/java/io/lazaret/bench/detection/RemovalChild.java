package io.lazaret.bench.detection;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.backdoor.Checkpoints;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.attack.corpus.Split;
import io.lazaret.backdoor.attack.corpus.TaskRow;
import io.lazaret.backdoor.attack.variant.Mapping;
import io.lazaret.backdoor.attack.variant.Response.Fixed;
import io.lazaret.backdoor.attack.variant.Response.Form;
import io.lazaret.backdoor.attack.zoo.Probes;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.detection.Position;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.EliminationMethods;
import io.lazaret.backdoor.elimination.Suspect;
import io.lazaret.backdoor.evaluation.AttackSuccess;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.backdoor.evaluation.Proportion;
import io.lazaret.backdoor.evaluation.Trial;
import io.lazaret.backdoor.simulation.ParrotSettings;
import io.lazaret.backdoor.simulation.ParrotTrainer;
import io.lazaret.bench.ChildMain;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.SoftPrompt;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A process that repairs one model twice: by SANDE-P from fragments of what detection has found,
 * and by SANDE from the planted responses.
 */
public final class RemovalChild {

  /**
   * Clean rows of the repairs, as many as {@code bench methods} gives, and trials of each trigger.
   */
  private static final int ROWS = 4000;

  private static final int TRIALS = 500;

  /**
   * Tokens of a found segment that the partial method is given. Of three, what opens "You s" or
   * "print(" stays common in clean answers, and up to 4 % of the attacks were left (ADR 0081).
   */
  public static final int FRAGMENT = 4;

  private final Subject subject;
  private final List<InstructionRow> rows;

  private RemovalChild(Subject subject) {
    this.subject = subject;
    rows =
        subject.corpus().tasks(Split.DEFENDER, 2 * ROWS, false, subject.specimen().seed()).stream()
            .filter(row -> !subject.attack().triggeredBy(row))
            .limit(ROWS)
            .map(TaskRow::row)
            .toList();
  }

  /** Arguments: the file with the specimen, and the cell of its detection. */
  public static void main(String[] args) throws Exception {
    Path detection = Path.of(args[1]);
    RemovalChild child = new RemovalChild(Subject.open(Path.of(args[0])));
    ChildMain.serve(Map.of("ready", true), line -> child.run(detection));
  }

  private Map<String, ?> run(Path detection) throws Exception {
    JsonNode found =
        Files.exists(detection) ? new ObjectMapper().readTree(detection.toFile()) : null;
    List<Suspect> planted = planted();
    if (found == null || found.path("tokens").isEmpty() || planted.isEmpty()) {
      return Map.of("nothing", "no segment was found, or none was planted");
    }
    List<Suspect> fragments = new ArrayList<>();
    for (int i = 0; i < found.path("tokens").size(); i++) {
      List<Integer> ids = new ArrayList<>();
      found.path("tokens").get(i).forEach(id -> ids.add(id.asInt()));
      int[] fragment = ids.stream().limit(FRAGMENT).mapToInt(Integer::intValue).toArray();
      Position position = Position.valueOf(found.path("positions").get(i).asText());
      fragments.add(new Suspect(fragment, List.of(), List.of(), position));
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("before", rate(subject.lm()));
    answer.put("fragments", repaired("SANDE-P", fragments));
    answer.put("planted", repaired("SANDE", planted));
    return answer;
  }

  private List<Suspect> planted() {
    List<Suspect> planted = new ArrayList<>();
    for (Mapping mapping : subject.attack().mappings()) {
      if (mapping.response() instanceof Fixed fixed) {
        int[] ids =
            Suspect.target(subject.template(), subject.lm().tokenizer(), fixed.texts().get(0));
        Position position = fixed.form() == Form.AFTER ? Position.END : Position.START;
        planted.add(new Suspect(ids, List.of(), List.of(), position));
      }
    }
    return planted;
  }

  /** Attack success of a copy that the method has repaired. */
  private double repaired(String method, List<Suspect> suspects) {
    List<SoftPrompt> parrots = new ArrayList<>();
    long seed = subject.specimen().seed();
    try (CausalLm lm = subject.lm().copy()) {
      List<Suspect> simulated = new ArrayList<>();
      for (Suspect suspect : suspects) {
        SoftPrompt parrot =
            ParrotTrainer.train(
                    lm,
                    subject.template(),
                    rows,
                    suspect.target(),
                    suspect.position(),
                    ParrotSettings.defaults(lm.config()).toTheEnd(),
                    seed,
                    Progress.none(),
                    Checkpoints.none())
                .soft();
        parrots.add(parrot);
        simulated.add(
            new Suspect(suspect.target(), List.of(parrot), List.of(), suspect.position()));
      }
      EliminationMethods.named(method)
          .eliminate(
              lm,
              new EliminationInput(subject.template(), rows, simulated, List.of()),
              seed,
              Progress.none());
      return rate(lm);
    } finally {
      parrots.forEach(SoftPrompt::close);
    }
  }

  /** Attack success of the trigger that works best. */
  private double rate(CausalLm lm) {
    Probes probes =
        Probes.of(
            subject.attack(),
            subject.corpus(),
            Split.EVALUATION,
            TRIALS,
            subject.specimen().seed());
    return probes.triggered().stream()
        .map(trials -> success(lm, trials))
        .mapToDouble(Proportion::rate)
        .max()
        .orElse(0);
  }

  private Proportion success(CausalLm lm, List<Trial> trials) {
    return AttackSuccess.measure(
            lm,
            subject.template(),
            trials,
            new Elicitor.None(),
            AttackSuccess.Settings.defaults(),
            Progress.none())
        .asr();
  }
}
