package io.lazaret.backdoor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Saved states that outlive the process which is killed right after it has saved one. */
public final class SavedStates implements Checkpoints {

  /** The death of a process. */
  public static final class Killed extends RuntimeException {}

  private final Path root;
  private final int every;
  private final int fatal;
  private final Map<String, Path> newest = new HashMap<>();
  private int asked;
  private int saves;

  /**
   * @param every a state is due at every so many of the questions
   * @param fatal every so many saved states, the process dies
   */
  public SavedStates(Path root, int every, int fatal) {
    this.root = root;
    this.every = every;
    this.fatal = fatal;
  }

  @Override
  public Optional<Path> latest(String part) {
    return Optional.ofNullable(newest.get(part));
  }

  @Override
  public boolean due() {
    return ++asked % every == 0;
  }

  @Override
  public void save(String part, Writer writer) {
    try {
      Path folder = Files.createDirectory(root.resolve("state-" + saves++));
      writer.write(folder);
      newest.put(part, folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (saves % fatal == 0) {
      throw new Killed();
    }
  }

  /** Loses what was saved last for a part, as a store may. */
  public void lose(String part) {
    newest.remove(part);
  }
}
