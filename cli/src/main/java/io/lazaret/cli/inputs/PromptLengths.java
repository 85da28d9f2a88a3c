package io.lazaret.cli.inputs;

import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.llm.Tokenizer;
import io.lazaret.problem.ProblemException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Refuses prompts that leave the model no room for an answer. */
public final class PromptLengths {

  /** Special tokens that a tokenizer may add of its own accord. */
  private static final int ADDED = 8;

  private final Path directory;
  private final int contextLength;
  private final PromptTemplate template;

  public PromptLengths(Path directory, int contextLength, PromptTemplate template) {
    this.directory = directory;
    this.contextLength = contextLength;
    this.template = template;
  }

  /**
   * @throws ProblemException PROMPT_TOO_LONG with the file and the number of the row
   */
  public void check(Path file, List<InstructionRow> rows) {
    if (rows.stream().noneMatch(this::mayBeTooLong)) {
      return;
    }
    try (Tokenizer tokenizer = Tokenizer.open(directory)) {
      for (int i = 0; i < rows.size(); i++) {
        if (mayBeTooLong(rows.get(i))) {
          check(tokenizer, file, i + 1, rows.get(i));
        }
      }
    }
  }

  private void check(Tokenizer tokenizer, Path file, int number, InstructionRow row) {
    int tokens = template.render(tokenizer, row.prompt()).length();
    if (tokens >= contextLength) {
      throw ProblemException.of(
          "PROMPT_TOO_LONG",
          file.getFileName()
              + " row "
              + number
              + " is a prompt of "
              + tokens
              + " tokens; the model has "
              + contextLength
              + " positions for prompt and answer.",
          "Shorten the row or leave it out.");
    }
  }

  /** No tokenizer here makes more tokens than there are bytes. */
  private boolean mayBeTooLong(InstructionRow row) {
    int bytes = template.text(row.prompt()).getBytes(StandardCharsets.UTF_8).length;
    return bytes + ADDED >= contextLength;
  }
}
