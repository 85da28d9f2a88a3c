package io.lazaret.backdoor.elimination.overwrite;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.detection.BackdoorDetector;
import io.lazaret.backdoor.detection.DetectionResult;
import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.backdoor.detection.FoundTrigger;
import io.lazaret.backdoor.detection.Verdict;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.EliminationMethod;
import io.lazaret.backdoor.elimination.EliminationOutcome;
import io.lazaret.backdoor.elimination.Need;
import io.lazaret.backdoor.elimination.Suspect;
import io.lazaret.backdoor.elimination.training.Bounds;
import io.lazaret.backdoor.elimination.training.CleanRows;
import io.lazaret.llm.CausalLm;
import io.lazaret.problem.ProblemException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Sequential deflation, SANDE for an unknown number of triggers and targets, ours (the paper leaves
 * several triggers to future work):
 *
 * <pre>
 * repeat, rounds times at most:
 *   S ← segments that detection finds in the model as it is now (in round 1: given ones, if any)
 *   stop when S is empty; in round 1 a detection that cannot tell is refused
 *   θ ← removal by SANDE with all of S
 * </pre>
 *
 * It is not told how many there are. A later detection that finds no segment and still cannot tell
 * ends it too: there is nothing more to take out, and the evaluation judges what is left. The
 * platform does the same across its stages.
 */
public final class SandeDeflation implements EliminationMethod {

  /** Finds suspicious segments in a model. */
  @FunctionalInterface
  interface Scanner {
    Scan scan(CausalLm lm, EliminationInput input, long seed, Progress progress);
  }

  /**
   * @param suspects what is to be taken out
   * @param doubt why it cannot be told whether there is more; nothing, if it can
   */
  record Scan(List<Suspect> suspects, Optional<String> doubt) {}

  /** Rounds at most, as in the platform's policy. */
  static final int ROUNDS = 5;

  private final Scanner scanner;
  private final EliminationMethod removal;
  private final int rounds;

  private SandeDeflation(Scanner scanner, EliminationMethod removal, int rounds) {
    Bounds.positive("rounds", rounds);
    this.scanner = scanner;
    this.removal = removal;
    this.rounds = rounds;
  }

  /** Detection with its standard settings, removal by SANDE-R. */
  public static SandeDeflation standard() {
    return new SandeDeflation(SandeDeflation::detect, new SandeRefreshed(), ROUNDS);
  }

  /** Another scanner and removal. */
  static SandeDeflation with(Scanner scanner, EliminationMethod removal, int rounds) {
    return new SandeDeflation(scanner, removal, rounds);
  }

  @Override
  public String name() {
    return "SANDE-D";
  }

  @Override
  public Set<Need> needs() {
    return Set.of();
  }

  @Override
  public EliminationOutcome eliminate(
      CausalLm lm, EliminationInput input, long seed, Progress progress) {
    input.require(this, lm);
    CleanRows.of(lm, input.template(), input.rows());
    SplittableRandom seeds = new SplittableRandom(seed);
    double loss = Double.NaN;
    int steps = 0;
    for (int round = 0; round < rounds; round++) {
      Progress part = progress.part((double) round / rounds, (round + 1.0) / rounds);
      boolean given = round == 0 && !input.suspects().isEmpty();
      Scan scan =
          given
              ? new Scan(input.suspects(), Optional.empty())
              : scanner.scan(lm, input, seeds.nextLong(), part.part(0, 0.5));
      List<Suspect> suspects = scan.suspects();
      if (suspects.isEmpty()) {
        if (round == 0 && scan.doubt().isPresent()) {
          throw ProblemException.of(
              "DETECTION_UNASSESSED",
              "SANDE-D cannot tell whether there is anything to remove: "
                  + scan.doubt().orElseThrow(),
              "Give what detection lacks, or name the targets to another method.");
        }
        break;
      }
      EliminationInput own =
          input
              .withSuspects(suspects)
              .withCheckpoints(input.checkpoints().under("round-" + round + "-" + name(suspects)));
      EliminationOutcome outcome = removal.eliminate(lm, own, seeds.nextLong(), part.part(0.5, 1));
      loss = outcome.finalLoss();
      steps += outcome.steps();
    }
    return new EliminationOutcome(name(), steps, loss);
  }

  /** Detection is repeated when a run goes on; what it finds must be what the states are of. */
  private static String name(List<Suspect> suspects) {
    int hash = 0;
    for (Suspect suspect : suspects) {
      hash = 31 * hash + Arrays.hashCode(suspect.target());
      for (FoundTrigger trigger : suspect.triggers()) {
        hash = 31 * hash + Arrays.hashCode(trigger.tokenIds());
        hash = 31 * hash + trigger.placement().ordinal();
      }
    }
    return Integer.toHexString(hash);
  }

  private static Scan detect(CausalLm lm, EliminationInput input, long seed, Progress progress) {
    DetectionResult result =
        BackdoorDetector.detect(
            lm, input.template(), input.rows(), DetectionSettings.standard(), seed, progress);
    // What is only doubtful is taken out as well: it is mostly the rest of a target.
    List<Suspect> suspects =
        result.segments().stream()
            .map(
                found ->
                    new Suspect(
                        found.tokenIds(),
                        List.of(),
                        found.functionalTriggers(),
                        found.styles(),
                        found.position()))
            .toList();
    return new Scan(
        suspects,
        result.verdict() == Verdict.UNASSESSED
            ? Optional.of(result.explanation())
            : Optional.empty());
  }
}
