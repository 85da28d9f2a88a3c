package io.lazaret.cli.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lazaret.cli.terminal.Terminal;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandaloneProcessTest {

  private static final StandaloneProcess.Settings SETTINGS =
      new StandaloneProcess.Settings("64m", 1, Duration.ofSeconds(60), Duration.ofSeconds(20));

  @TempDir Path directory;

  private Path data() {
    return directory.resolve("data with spaces");
  }

  @Test
  void aPlatformIsStartedFoundByOthersAndStopped() throws Exception {
    Installation installation = FakePlatforms.install(directory, FakePlatforms.Ready.class);
    long pid;
    try (StandaloneProcess process = start(installation, SETTINGS)) {
      assertThat(new PlatformClient(process.address(), Credentials.ofEnvironment()).isReady())
          .isTrue();
      Optional<RunningPlatform> found = RunningPlatform.find(data());
      assertThat(found.map(RunningPlatform::address)).contains(process.address());
      pid = found.get().pid();
      assertThat(StandaloneProcess.logFile(data()))
          .content()
          .contains("data " + data(), "arenas 2");
    }
    assertThat(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)).isFalse();
    assertThat(RunningPlatform.find(data())).isEmpty();
  }

  @Test
  void aSecondCommandJoinsThePlatformThatRuns() throws Exception {
    Installation installation = FakePlatforms.install(directory, FakePlatforms.Ready.class);
    StringWriter notes = new StringWriter();
    PrintWriter writer = new PrintWriter(notes, true);
    Terminal terminal = new Terminal(writer, writer, false, false, 80);
    try (Platform first = Platform.on(installation, data(), 0, terminal)) {
      try (Platform second = Platform.on(installation, data(), 0, terminal)) {
        assertThat(second.isOwn()).isFalse();
        assertThat(second.client().base()).isEqualTo(first.client().base());
      }
      assertThat(first.client().isReady()).as("the second did not stop it").isTrue();
    }
  }

  @Test
  void aNoteAboutADeadPlatformIsIgnored() throws Exception {
    Files.createDirectories(data());
    Process dead = new ProcessBuilder("true").start();
    dead.waitFor();
    RunningPlatform.announce(data(), java.net.URI.create("http://127.0.0.1:1"), dead.pid());
    assertThat(RunningPlatform.find(data())).isEmpty();
    Files.writeString(data().resolve("platform.json"), "{\"address\": \"::\"");
    assertThat(RunningPlatform.find(data())).isEmpty();
  }

  @Test
  void aPlatformThatDiesIsToldByItsOwnProblem() throws Exception {
    Installation installation = FakePlatforms.install(directory, FakePlatforms.Dying.class);
    PlatformFailure failure =
        catchThrowableOfType(PlatformFailure.class, () -> start(installation, SETTINGS));
    assertThat(failure.problem().code()).isEqualTo("PLATFORM_DIED");
    assertThat(failure.problem().sentence())
        .endsWith("exit status 3: PORT_IN_USE: port 8080 is taken.");
    assertThat(failure.problem().nextStep()).contains("standalone.log");
  }

  @Test
  void aPlatformThatRefusesItsSettingsIsBadInput() throws Exception {
    Installation installation = FakePlatforms.install(directory, FakePlatforms.Refusing.class);
    ProblemException refused =
        catchThrowableOfType(ProblemException.class, () -> start(installation, SETTINGS));
    assertThat(refused.problem().code()).isEqualTo("PORT_IN_USE");
    assertThat(refused.problem().sentence()).isEqualTo("Port 8080 is taken.");
  }

  @Test
  void anEarlierStartInTheSameLogIsNotTakenForThisOne() throws Exception {
    Path log = StandaloneProcess.logFile(data());
    Files.writeString(log, "LAZARET_READY http://127.0.0.1:1\nOLD_PROBLEM: long ago\n");
    Installation installation = FakePlatforms.install(directory, FakePlatforms.Dying.class);
    PlatformFailure failure =
        catchThrowableOfType(PlatformFailure.class, () -> start(installation, SETTINGS));
    assertThat(failure.problem().sentence()).contains("PORT_IN_USE");
  }

  @Test
  void aPlatformThatNeverGetsReadyIsGivenUpAndEnded() throws Exception {
    Installation installation = FakePlatforms.install(directory, FakePlatforms.Silent.class);
    StandaloneProcess.Settings impatient =
        new StandaloneProcess.Settings("64m", 1, Duration.ofMillis(300), Duration.ofSeconds(20));
    PlatformFailure failure =
        catchThrowableOfType(PlatformFailure.class, () -> start(installation, impatient));
    assertThat(failure.problem().code()).isEqualTo("PLATFORM_START_TIMEOUT");
    assertThat(RunningPlatform.find(data())).isEmpty();
  }

  @Test
  void aDataDirectoryThatIsAFileIsBadInput() throws IOException {
    Installation installation = FakePlatforms.install(directory, FakePlatforms.Ready.class);
    Files.writeString(data(), "in the way");
    ProblemException refused =
        catchThrowableOfType(ProblemException.class, () -> start(installation, SETTINGS));
    assertThat(refused.problem().code()).isEqualTo("DATA_DIRECTORY_UNUSABLE");
  }

  private StandaloneProcess start(Installation installation, StandaloneProcess.Settings settings) {
    return StandaloneProcess.start(installation, data(), 0, settings, elapsed -> {});
  }
}
