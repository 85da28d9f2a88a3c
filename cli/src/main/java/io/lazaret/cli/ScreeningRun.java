package io.lazaret.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.cli.inputs.ScreeningInputs;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.platform.PlatformClient;
import io.lazaret.cli.platform.PlatformFailure;
import io.lazaret.cli.platform.ScreeningStatus;
import io.lazaret.cli.terminal.Printable;
import io.lazaret.cli.terminal.ProgressView;
import io.lazaret.cli.terminal.Terminal;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One screening as seen from the command line: hand over, follow, tell the verdict. */
final class ScreeningRun {

  /**
   * How the platform is watched.
   *
   * @param poll time between two looks; default 300 ms
   * @param patience how long the platform may stay silent before the command gives up; default 60 s
   * @param arrival how long an accepted screening may be unknown to the console; default 30 s
   */
  record Settings(Duration poll, Duration patience, Duration arrival) {
    static Settings standard() {
      return new Settings(Duration.ofMillis(300), Duration.ofSeconds(60), Duration.ofSeconds(30));
    }
  }

  private final Platform platform;
  private final PlatformClient client;
  private final Terminal terminal;
  private final Settings settings;

  ScreeningRun(Platform platform, Terminal terminal, Settings settings) {
    this.platform = platform;
    this.client = platform.client();
    this.terminal = terminal;
    this.settings = settings;
  }

  /** Uploads model and data, and asks for the screening; returns its id. */
  String submit(ScreeningInputs inputs) {
    String upload = client.openUpload(inputs.name());
    for (String file : inputs.uploadedFiles()) {
      client.putModelFile(upload, file, inputs.directory().resolve(file));
    }
    for (Map.Entry<String, Path> file : inputs.dataFiles().entrySet()) {
      client.putDataFile(upload, file.getKey(), file.getValue());
    }
    String id = client.submit(upload, inputs.policy(), inputs.template(), inputs.seed());
    terminal.note("Screening " + Printable.of(id) + " of " + inputs.name() + ".");
    terminal.note("If this command is interrupted, go on with: " + platform.followAgain(id));
    return id;
  }

  /** Shows progress until the verdict document is there. */
  JsonNode follow(String screeningId) throws InterruptedException {
    try (ProgressView view = ProgressView.on(terminal)) {
      Instant begun = Instant.now();
      Instant lastAnswer = begun;
      while (true) {
        try {
          ScreeningStatus status = client.screening(screeningId);
          if (status.verdict() != null) {
            return status.verdict();
          }
          lastAnswer = Instant.now();
          view.show(step(status));
        } catch (ProblemException unknown) {
          refuseUnlessArriving(unknown, begun);
        } catch (PlatformFailure silent) {
          if (platform.hasDied()
              || Duration.between(lastAnswer, Instant.now()).compareTo(settings.patience()) > 0) {
            throw abandoned(screeningId, silent);
          }
        }
        TimeUnit.MILLISECONDS.sleep(settings.poll().toMillis());
      }
    }
  }

  /** The console learns of a screening from the log, a little after it was accepted. */
  private void refuseUnlessArriving(ProblemException unknown, Instant begun) {
    boolean late = Duration.between(begun, Instant.now()).compareTo(settings.arrival()) > 0;
    if (late || !"SCREENING_UNKNOWN".equals(unknown.problem().code())) {
      throw unknown;
    }
  }

  private PlatformFailure abandoned(String screeningId, PlatformFailure silent) {
    Problem why = platform.hasDied() ? platform.death() : silent.problem();
    return new PlatformFailure(
        Problem.passing(
            why.code(),
            why.sentence(),
            "Nothing that was accepted is lost; go on with: " + platform.followAgain(screeningId)));
  }

  private static ProgressView.Step step(ScreeningStatus status) {
    String stage =
        status.stage().isEmpty()
            ? status.state().toLowerCase(Locale.ROOT)
            : status.stage().toLowerCase(Locale.ROOT) + " (round " + status.round() + ")";
    return new ProgressView.Step(stage, status.fraction(), status.etaSeconds(), status.message());
  }
}
