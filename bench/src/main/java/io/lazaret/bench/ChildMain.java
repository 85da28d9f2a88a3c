package io.lazaret.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The Java side of the line protocol of {@link ChildProcess}. */
public final class ChildMain {

  /** Answers one line; the answer is written as a JSON object. */
  public interface Work {
    Map<String, ?> answer(String line) throws Exception;
  }

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private ChildMain() {}

  /**
   * Says that the process is ready, then answers lines until stdin ends.
   *
   * @param greeting first line
   */
  public static void serve(Map<String, ?> greeting, Work work) throws IOException {
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true);
    // Whatever else is printed belongs into the log.
    System.setOut(System.err);
    out.println(MAPPER.writeValueAsString(greeting));
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String line;
    while ((line = in.readLine()) != null) {
      Map<String, ?> answer;
      try {
        answer = work.answer(line);
      } catch (Exception e) {
        e.printStackTrace();
        answer = Map.of("error", String.valueOf(e.getMessage()));
      }
      out.println(MAPPER.writeValueAsString(answer));
    }
  }

  /** N of the line {@code run N}. */
  public static int repetitions(String line) {
    if (!line.matches("run [1-9][0-9]{0,8}")) {
      throw new IllegalArgumentException("not understood: " + line);
    }
    return Integer.parseInt(line.substring(4));
  }
}
