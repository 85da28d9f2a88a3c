package io.lazaret.bench;

import java.util.List;

/** A side-by-side measurement that {@code lazaret bench NAME} runs. */
public interface Benchmark {

  /** As on the command line. */
  String name();

  /** One line for the help. */
  String description();

  /**
   * The parts, each of which can be run, skipped or resumed alone. Making the list does not
   * measure.
   *
   * @throws io.lazaret.problem.ProblemException when something needed is missing, such as a peer
   */
  List<BenchCase> cases(BenchSettings settings);

  /** What a reader of the figures must know: versions of the peers, sizes, seeds. */
  List<String> notes(BenchSettings settings);
}
