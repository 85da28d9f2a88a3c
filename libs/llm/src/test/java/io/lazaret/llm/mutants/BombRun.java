package io.lazaret.llm.mutants;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.llm.files.ModelDirectory;
import io.lazaret.problem.ProblemException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * A process of its own, with little memory: opens models with one file that is as large as it may
 * be and holds what costs a reader most, and tells what became of each, in one line of JSON.
 */
public final class BombRun {

  private static final Path MODEL = Path.of("src/test/resources/parity/llama/model");
  private static final String TOKENIZER = "tokenizer.json";
  private static final String WEIGHTS = "model.safetensors";
  private static final int HEADER = 100_000_000;
  private static final int TOKENIZER_BYTES = 64 << 20;
  private static final int CONFIG_BYTES = 4 << 20;

  private final Path dir;
  private final Map<String, String> results = new TreeMap<>();

  private BombRun(Path dir) {
    this.dir = dir;
  }

  /**
   * @param args an empty directory
   */
  public static void main(String[] args) throws IOException {
    BombRun run = new BombRun(Path.of(args[0]));
    run.headers();
    run.tokenizers();
    run.configs();
    System.out.println(new ObjectMapper().writeValueAsString(run.results));
    System.exit(0);
  }

  private void headers() throws IOException {
    bomb("header claimed", WEIGHTS, out -> out.write(length(HEADER)));
    bomb("header of spaces", WEIGHTS, header("{", i -> " "));
    bomb(
        "header of metadata",
        WEIGHTS,
        header("{\"__metadata__\":{\"a\":\"\"", i -> ",\"" + i + "\":\"\""));
    bomb("header of tensors", WEIGHTS, header("{", i -> tensor(i) + ","));
    bomb("header deep", WEIGHTS, header("{\"a\":", i -> "{\"a\":"));
  }

  private void tokenizers() throws IOException {
    tokenizer("deep lists", "{\"x\":", i -> "[");
    tokenizer("deep objects", "{\"x\":", i -> "{\"a\":");
    tokenizer("deep normalizer", "{\"normalizer\":", i -> "{\"normalizers\":[");
    tokenizer("wide lists", "{\"x\":[[]", i -> ",[]");
    tokenizer("wide normalizer", "{\"normalizer\":[[]", i -> ",[]");
    tokenizer("many names", "{\"x\":{\"A\":1", i -> ",\"" + Integer.toString(i, 36) + "\":1");
    tokenizer("many top names", "{\"A\":1", i -> ",\"" + Integer.toString(i, 36) + "\":1");
    tokenizer("many tokens", "{\"model\":{\"vocab\":{\"a\":0", i -> ",\"" + i + "\":" + i % 4096);
    tokenizer(
        "many skipped names",
        "{\"model\":{\"x\":{\"A\":1",
        i -> ",\"" + Integer.toString(i, 36) + "\":1");
    tokenizer("many merges", "{\"model\":{\"merges\":[\"a b\"", i -> ",\"\"");
    tokenizer("one text", "{\"x\":\"", i -> "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    tokenizer("one number", "{\"x\":1", i -> "11111111111111111111111111111111");
  }

  private void configs() throws IOException {
    Bytes objects = part(CONFIG_BYTES, "{\"x\":[{}", i -> ",{}");
    bomb("tokenizer_config of objects", "tokenizer_config.json", objects);
    bomb(
        "generation_config deep",
        "generation_config.json",
        part(CONFIG_BYTES, "{\"x\":", i -> "["));
  }

  private static String tensor(int i) {
    return "\"" + i + "\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}";
  }

  private void tokenizer(String name, String begin, IntFunction<String> part) throws IOException {
    bomb(name, TOKENIZER, part(TOKENIZER_BYTES, begin, part));
  }

  private interface Bytes {
    void writeTo(OutputStream out) throws IOException;
  }

  private static Bytes header(String begin, IntFunction<String> part) {
    return out -> {
      out.write(length(HEADER));
      part(HEADER, begin, part).writeTo(out);
    };
  }

  /** Exactly this many bytes: the begin, as many parts as fit, spaces. */
  private static Bytes part(int bytes, String begin, IntFunction<String> part) {
    return out -> {
      out.write(begin.getBytes(StandardCharsets.US_ASCII));
      int left = bytes - begin.length();
      for (int i = 0; ; i++) {
        byte[] next = part.apply(i).getBytes(StandardCharsets.US_ASCII);
        if (next.length > left) {
          break;
        }
        out.write(next);
        left -= next.length;
      }
      for (; left > 0; left--) {
        out.write(' ');
      }
    };
  }

  private static byte[] length(long bytes) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(bytes).array();
  }

  private void bomb(String name, String file, Bytes content) throws IOException {
    Path model = Files.createDirectories(dir.resolve("model"));
    try (Stream<Path> files = Files.list(MODEL)) {
      for (Path source : files.toList()) {
        Files.write(model.resolve(source.getFileName()), Files.readAllBytes(source));
      }
    }
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(model.resolve(file)))) {
      content.writeTo(out);
    }
    String result;
    try {
      ModelDirectory.inspect(model);
      result = "accepted";
    } catch (ProblemException e) {
      result = e.problem().code();
    } catch (RuntimeException | Error e) {
      result = "failed: " + e;
    }
    results.put(name, result);
    try (Stream<Path> files = Files.list(model)) {
      for (Path left : List.copyOf(files.toList())) {
        Files.delete(left);
      }
    }
  }
}
