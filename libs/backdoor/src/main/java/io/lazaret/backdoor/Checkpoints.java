package io.lazaret.backdoor;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a long computation leaves the state from which it goes on after its process was killed. A
 * computation that is resumed gives the same result as one that was not interrupted.
 */
public interface Checkpoints {

  /** Writes a state as plain files. */
  @FunctionalInterface
  interface Writer {

    /**
     * @param directory empty
     */
    void write(Path directory);
  }

  /**
   * What was saved last for a part, as the folder was; empty when the part begins anew.
   *
   * @param part letters, digits and hyphens, e.g. {@code parrot-2}
   */
  Optional<Path> latest(String part);

  /** Whether the last saved state is so old that the next step boundary should save another one. */
  boolean due();

  /** Whether anything is ever saved: where not, nothing needs to be collected for it. */
  default boolean kept() {
    return true;
  }

  /** Saves a state of a part in place of the one before. */
  void save(String part, Writer writer);

  /** The parts of one piece of a larger computation: their names begin with {@code prefix-}. */
  default Checkpoints under(String prefix) {
    Checkpoints whole = this;
    return new Checkpoints() {
      @Override
      public Optional<Path> latest(String part) {
        return whole.latest(prefix + "-" + part);
      }

      @Override
      public boolean due() {
        return whole.due();
      }

      @Override
      public boolean kept() {
        return whole.kept();
      }

      @Override
      public void save(String part, Writer writer) {
        whole.save(prefix + "-" + part, writer);
      }
    };
  }

  /** Saves nothing. */
  static Checkpoints none() {
    return new Checkpoints() {
      @Override
      public Optional<Path> latest(String part) {
        return Optional.empty();
      }

      @Override
      public boolean due() {
        return false;
      }

      @Override
      public boolean kept() {
        return false;
      }

      @Override
      public void save(String part, Writer writer) {}
    };
  }
}
