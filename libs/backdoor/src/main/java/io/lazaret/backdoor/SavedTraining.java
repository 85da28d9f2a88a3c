package io.lazaret.backdoor;

import io.lazaret.llm.training.AdamW;
import io.lazaret.llm.training.ResumableRandom;
import io.lazaret.llm.training.TrainingState;
import io.lazaret.llm.training.TrainingState.Position;
import io.lazaret.problem.ProblemException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The saved state of one training: trained parameters, moments, random numbers and the caller's
 * figures. What is saved is a shortcut alone: a training of which nothing is there, or nothing that
 * fits, begins anew and ends in the same bytes.
 */
public final class SavedTraining {

  private static final String PART = "training";

  private final Checkpoints checkpoints;
  private final AdamW adam;
  private final ResumableRandom random;
  private final String run;
  private long savedStep;

  /**
   * @param checkpoints of this training alone
   * @param random what the training draws from, as it is at the training's start
   * @param settings what the state depends on beside the random numbers, as text
   */
  public SavedTraining(
      Checkpoints checkpoints, AdamW adam, ResumableRandom random, String settings) {
    this.checkpoints = checkpoints;
    this.adam = adam;
    this.random = random;
    this.run = settings + ", random numbers from " + random.state();
  }

  /** Puts the saved state in, if there is one; gives where the training was. */
  public Optional<Position> resume() {
    Optional<Position> position = checkpoints.latest(PART).flatMap(this::read);
    position.ifPresent(
        saved -> {
          random.restore(saved.random());
          savedStep = saved.step();
        });
    return position;
  }

  private Optional<Position> read(Path directory) {
    try {
      return TrainingState.read(directory, adam, run);
    } catch (ProblemException unfit) {
      // Of another version's settings, or damaged: nothing was changed, and nothing is lost but
      // time.
      return Optional.empty();
    }
  }

  /** Saves a state that is not saved yet if the last one is old enough; between two steps. */
  public void saveWhenDue(int step, Map<String, Double> figures) {
    if (step > savedStep && checkpoints.due()) {
      save(step, figures);
    }
  }

  /** Saves the state unless it is saved already. */
  public void save(int step, Map<String, Double> figures) {
    if (step == savedStep) {
      return;
    }
    savedStep = step;
    Position position = new Position(run, step, random.state(), figures);
    checkpoints.save(PART, directory -> TrainingState.write(directory, adam, position));
  }
}
