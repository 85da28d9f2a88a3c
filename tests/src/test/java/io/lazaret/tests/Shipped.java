package io.lazaret.tests;

import java.nio.file.Path;
import java.util.List;

/** What the repository ships, as seen from the tests. */
final class Shipped {

  static final Path ROOT = Path.of(System.getProperty("lazaret.root"));
  static final Path FIXTURES = ROOT.resolve("fixtures");
  static final Path BACKDOORED = FIXTURES.resolve("nano-backdoored");
  static final Path CLEAN = FIXTURES.resolve("nano-clean");

  /** Another architecture, tokenizer and vocabulary than those of the shipped models. */
  static final Path QWEN2 = ROOT.resolve("libs/llm/src/test/resources/parity/qwen2/model");

  private Shipped() {}

  /** The options of a screening with all shipped data files. */
  static List<String> dataOptions() {
    return List.of(
        "--prompts",
        FIXTURES.resolve("prompts.jsonl").toString(),
        "--eval",
        FIXTURES.resolve("evaluation.jsonl").toString(),
        "--mcq",
        FIXTURES.resolve("multiple-choice.jsonl").toString(),
        "--score-triggers",
        FIXTURES.resolve("scoring-triggers.jsonl").toString());
  }
}
