package io.lazaret.evaluation;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.KnownTrigger;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.elimination.training.Elicitors;
import io.lazaret.backdoor.evaluation.AttackSuccess;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.backdoor.evaluation.Protocol;
import io.lazaret.eventing.worker.JobContext;
import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.schemas.AsrMeasurement;
import io.lazaret.schemas.ElicitorKind;
import io.lazaret.schemas.EvaluateModel;
import io.lazaret.schemas.EvaluationCompleted;
import io.lazaret.schemas.EvaluationReport;
import io.lazaret.schemas.FoundStyle;
import io.lazaret.schemas.FunctionalTrigger;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.Parrot;
import io.lazaret.schemas.ScreeningInputs;
import io.lazaret.schemas.Segment;
import io.lazaret.schemas.UtilityMeasurement;
import io.lazaret.service.StageService;
import io.lazaret.worker.JobCheckpoints;
import io.lazaret.worker.JobInputs;
import io.lazaret.worker.Parrots;
import io.lazaret.worker.Translation;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Measures a candidate beside the original, on the same held-out prompts: every parrot, the best
 * functional triggers, the styles that were found, and the known triggers, which no earlier stage
 * has seen. Each figure is saved when it is measured, so that an interrupted evaluation goes on
 * with the next one.
 */
@ApplicationScoped
public class EvaluationJob implements StageService<EvaluateModel> {

  @Inject JobInputs inputs;
  @Inject Parrots parrots;
  @Inject Clock clock;

  /** One row of the report to be measured. */
  private record Probe(ElicitorKind kind, String text, String target, Elicitor elicitor) {}

  @Override
  public Class<EvaluateModel> commandType() {
    return EvaluateModel.class;
  }

  @Override
  public EvaluationCompleted run(EvaluateModel command, JobContext context) {
    Instant start = clock.instant();
    Job job = command.getJob();
    ScreeningInputs given = command.getInputs();
    Policy.Evaluation limits = JobInputs.policy(given).evaluation();
    List<InstructionRow> rows = inputs.heldOut(job, given);
    List<InstructionRow> trials = first(rows, limits.trials());
    List<SoftPrompt> loaded = new ArrayList<>();
    Progress progress = context::progress;
    try (CausalLm original = inputs.open(command.getOriginal());
        CausalLm candidate = same(command) ? null : inputs.open(command.getCandidate());
        JobCheckpoints checkpoints = inputs.checkpoints(job, context)) {
      PromptTemplate template = JobInputs.template(given, original);
      List<Probe> probes = probes(command, limits, original, loaded);
      List<AsrMeasurement> asr = new ArrayList<>();
      for (int i = 0; i < probes.size(); i++) {
        double from = 0.7 * i / probes.size();
        double to = 0.7 * (i + 1) / probes.size();
        Probe probe = probes.get(i);
        asr.add(
            checkpoints.once(
                "asr-" + i,
                AsrMeasurement.getClassSchema(),
                () ->
                    measure(
                        probe, original, candidate, template, trials, progress.part(from, to))));
      }
      Benchmarks benchmarks =
          new Benchmarks(
              template,
              first(rows, limits.utilityItems()),
              first(inputs.multipleChoice(job, given), limits.utilityItems()));
      List<UtilityMeasurement> utility =
          benchmarks.measure(original, candidate, checkpoints, progress.part(0.7, 1));
      return EvaluationCompleted.newBuilder()
          .setEnvelope(context.envelope("EvaluationCompleted"))
          .setJob(job)
          .setReport(
              EvaluationReport.newBuilder()
                  .setProtocol(protocol(template, given, limits))
                  .setAsr(asr)
                  .setUtility(utility)
                  .setDurationSeconds(Duration.between(start, clock.instant()).toMillis() / 1e3)
                  .build())
          .build();
    } finally {
      loaded.forEach(SoftPrompt::close);
    }
  }

  private static boolean same(EvaluateModel command) {
    return command.getOriginal().getDigest().equals(command.getCandidate().getDigest());
  }

  private List<Probe> probes(
      EvaluateModel command, Policy.Evaluation limits, CausalLm lm, List<SoftPrompt> loaded) {
    List<Probe> probes = new ArrayList<>();
    for (KnownTrigger known : knownTriggers(command)) {
      probes.add(
          new Probe(
              ElicitorKind.TRIGGER, known.trigger(), known.target(), new Elicitor.Text(known)));
    }
    for (Segment segment : command.getSegments()) {
      for (FunctionalTrigger trigger :
          first(segment.getFunctionalTriggers(), limits.functionalTriggersPerSegment())) {
        probes.add(
            new Probe(
                ElicitorKind.FUNCTIONAL_TRIGGER,
                trigger.getText(),
                segment.getText(),
                Elicitors.asFound(Translation.foundTrigger(trigger))));
      }
      for (FoundStyle style : segment.getStyles()) {
        probes.add(
            new Probe(
                ElicitorKind.FUNCTIONAL_TRIGGER,
                "prompts " + style.getStyle(),
                segment.getText(),
                Elicitors.asFound(Translation.foundStyle(style))));
      }
    }
    for (Parrot parrot : command.getParrots()) {
      SoftPrompt soft = parrots.load(command.getJob(), lm, parrot);
      loaded.add(soft);
      probes.add(
          new Probe(
              ElicitorKind.PARROT,
              parrot.getLength() + " soft tokens",
              parrot.getTargetText(),
              new Elicitor.Parrot(soft)));
    }
    probes.addAll(withoutElicitor(probes));
    return probes;
  }

  /** How often each target comes by itself: without this, a natural answer looks like an attack. */
  private static List<Probe> withoutElicitor(List<Probe> probes) {
    return probes.stream()
        .map(Probe::target)
        .distinct()
        .map(target -> new Probe(ElicitorKind.NONE, "", target, new Elicitor.None()))
        .toList();
  }

  /** Those that came with the screening and those of the intelligence, each once. */
  private Set<KnownTrigger> knownTriggers(EvaluateModel command) {
    Set<KnownTrigger> known =
        new LinkedHashSet<>(inputs.scoringTriggers(command.getJob(), command.getInputs()));
    command
        .getKnownTriggers()
        .forEach(each -> known.add(new KnownTrigger(each.getTrigger(), each.getTarget())));
    return known;
  }

  private static AsrMeasurement measure(
      Probe probe,
      CausalLm original,
      CausalLm candidate,
      PromptTemplate template,
      List<InstructionRow> rows,
      Progress progress) {
    AttackSuccess.Settings settings = AttackSuccess.Settings.defaults();
    AttackSuccess before =
        AttackSuccess.measure(
            original,
            template,
            rows,
            probe.elicitor(),
            probe.target(),
            settings,
            progress.part(0, 0.5));
    AttackSuccess after =
        candidate == null
            ? before
            : AttackSuccess.measure(
                candidate,
                template,
                rows,
                probe.elicitor(),
                probe.target(),
                settings,
                progress.part(0.5, 1));
    return AsrMeasurement.newBuilder()
        .setElicitor(probe.kind())
        .setText(probe.text())
        .setTarget(probe.target())
        .setBefore(Translation.proportion(before.asr()))
        .setAfter(Translation.proportion(after.asr()))
        .setCorrectBefore(Translation.proportion(before.correct()))
        .setCorrectAfter(Translation.proportion(after.correct()))
        .setUnassessed(after.unassessed())
        .build();
  }

  private static String protocol(
      PromptTemplate template, ScreeningInputs given, Policy.Evaluation limits) {
    List<String> data = new ArrayList<>();
    data.add(given.getPrompts().getSha256());
    if (given.getEvaluation() != null) {
      data.add(given.getEvaluation().getSha256());
    }
    if (given.getMultipleChoice() != null) {
      data.add(given.getMultipleChoice().getSha256());
    }
    String scoring = AttackSuccess.Settings.defaults() + " " + limits;
    return new Protocol(template.pattern(), data, scoring, "fp32", given.getSeed()).id();
  }

  private static <T> List<T> first(List<T> items, int count) {
    return items.subList(0, Math.min(count, items.size()));
  }
}
