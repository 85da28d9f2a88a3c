package io.lazaret.standalone;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import io.lazaret.service.access.AccessSettings;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.smallrye.health.SmallRyeHealthReporter;
import jakarta.inject.Inject;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.Config;

/**
 * Starts the platform, says {@code LAZARET_READY} and its address when it can be used, and stays
 * until it is stopped. A problem at the start is one line on stderr and exit status 2.
 */
@QuarkusMain
public final class Standalone implements QuarkusApplication {

  /** What the ready line begins with. */
  private static final String READY = "LAZARET_READY ";

  /** What the line with the address for a browser begins with; its token opens one session. */
  private static final String URL = "LAZARET_URL ";

  private static final int REFUSED = 2;
  private static final long POLL_MILLIS = 50;

  @Inject SmallRyeHealthReporter health;
  @Inject Config config;
  @Inject AccessSettings access;

  public static void main(String... arguments) {
    Quarkus.run(Standalone.class, Standalone::ended, arguments);
  }

  @Override
  public int run(String... arguments) throws InterruptedException {
    while (health.getReadiness().isDown()) {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    String address = "http://127.0.0.1:" + config.getValue("quarkus.http.port", Integer.class);
    access.invitation().ifPresent(token -> System.out.println(URL + address + "/#token=" + token));
    System.out.println(READY + address);
    System.out.flush();
    Quarkus.waitForExit();
    return 0;
  }

  /** The exit status; what went wrong at the start is told in one line. */
  private static void ended(int status, Throwable error) {
    if (error == null) {
      System.exit(status);
    }
    Problem problem = StartProblem.of(error);
    System.err.println(problem.code() + ": " + problem.sentence() + " " + problem.nextStep());
    System.err.flush();
    Runtime.getRuntime().halt(REFUSED);
  }

  /** The problem behind an exception of the start. */
  private static final class StartProblem {

    static Problem of(Throwable error) {
      for (Throwable e = error; e != null; e = e.getCause()) {
        if (e instanceof ProblemException problem) {
          return problem.problem();
        }
        if (e instanceof java.net.BindException) {
          return Problem.of(
              "PORT_IN_USE",
              "The port of the interface is in use by another process.",
              "Give another one with lazaret.http.port.");
        }
      }
      return Problem.of(
          "START_FAILED",
          "The platform could not be started: " + error + ".",
          "See the log in the data directory.");
    }
  }
}
