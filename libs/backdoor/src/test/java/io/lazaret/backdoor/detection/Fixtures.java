package io.lazaret.backdoor.detection;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.backdoor.Checkpoints;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptFile;
import io.lazaret.backdoor.detection.pass.Journal;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.StageClock;
import io.lazaret.llm.CausalLm;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** The shipped nano models, and damaged copies of them. */
public final class Fixtures {

  private Fixtures() {}

  public static Path model(String name) {
    return root().resolve(name);
  }

  public static List<InstructionRow> prompts() {
    return PromptFile.read(root().resolve("prompts.jsonl"));
  }

  /** A pass with the standard settings and a fixed seed, before any detector has run. */
  public static SearchContext context(CausalLm lm, DetectionInput input) {
    return SearchContext.prepare(
        lm,
        input,
        DetectionSettings.standard(),
        new SplittableRandom(7),
        new StageClock(InstantSource.system(), 1800, Progress.none()),
        new Journal(Checkpoints.none(), ""));
  }

  private static Path root() {
    return Path.of(System.getProperty("lazaret.root")).resolve("fixtures");
  }

  /** A copy of the model whose final norm weights all have the same bf16 bits. */
  static Path withFinalNorm(String name, Path copy, int bits) throws IOException {
    try (Stream<Path> files = Files.list(model(name))) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName().toString()));
      }
    }
    try (RandomAccessFile file =
        new RandomAccessFile(copy.resolve("model.safetensors").toFile(), "rw")) {
      byte[] size = new byte[Long.BYTES];
      file.readFully(size);
      int headerSize = (int) ByteBuffer.wrap(size).order(ByteOrder.LITTLE_ENDIAN).getLong();
      byte[] header = new byte[headerSize];
      file.readFully(header);
      JsonNode offsets =
          new ObjectMapper().readTree(header).path("model.norm.weight").path("data_offsets");
      long start = Long.BYTES + headerSize + offsets.get(0).asLong();
      int values = (int) (offsets.get(1).asLong() - offsets.get(0).asLong()) / Short.BYTES;
      ByteBuffer replaced =
          ByteBuffer.allocate(values * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < values; i++) {
        replaced.putShort((short) bits);
      }
      file.seek(start);
      file.write(replaced.array());
    }
    return copy;
  }
}
