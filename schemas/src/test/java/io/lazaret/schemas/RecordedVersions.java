package io.lazaret.schemas;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/**
 * The released versions of every record: {@code vN/Name.avsc} with the schema as it was written
 * from version N on, and {@code vN/Name.bin} with a record in Avro binary. A record stands in a
 * version only when it changed there.
 */
final class RecordedVersions {

  /** The command that records what is new. */
  static final String COMMAND = "mvn -pl schemas test -Dschemas.record=true";

  /** One recorded version of a record. */
  record Version(int number, String name, Schema schema, byte[] sample) {

    /** The sample as a reader with another schema sees it. */
    GenericRecord readAs(Schema reader) throws IOException {
      return new GenericDatumReader<GenericRecord>(schema, reader)
          .read(null, DecoderFactory.get().binaryDecoder(sample, null));
    }
  }

  private final Path root;

  RecordedVersions(Path root) {
    this.root = root;
  }

  /** All versions by the name of the record, oldest first. */
  TreeMap<String, List<Version>> read() throws IOException {
    TreeMap<String, List<Version>> all = new TreeMap<>();
    for (int number : numbers()) {
      try (Stream<Path> files = Files.list(directory(number))) {
        for (Path file : files.filter(f -> f.toString().endsWith(".avsc")).sorted().toList()) {
          String name = file.getFileName().toString().replace(".avsc", "");
          Schema schema = new Schema.Parser().parse(Files.readString(file));
          byte[] sample = Files.readAllBytes(file.resolveSibling(name + ".bin"));
          all.computeIfAbsent(name, n -> new ArrayList<>())
              .add(new Version(number, name, schema, sample));
        }
      }
    }
    return all;
  }

  private List<Integer> numbers() throws IOException {
    try (Stream<Path> directories = Files.list(root)) {
      return directories
          .map(d -> d.getFileName().toString())
          .filter(name -> name.matches("v[0-9]+"))
          .map(name -> Integer.parseInt(name.substring(1)))
          .sorted(Comparator.naturalOrder())
          .toList();
    }
  }

  private Path directory(int number) {
    return root.resolve("v" + number);
  }

  /** Records the schemas whose newest recorded version differs, as the next version. */
  List<String> record(List<Schema> current) throws IOException {
    TreeMap<String, List<Version>> before = read();
    List<Integer> numbers = numbers();
    int next = numbers.isEmpty() ? 1 : numbers.get(numbers.size() - 1) + 1;
    List<String> recorded = new ArrayList<>();
    for (Schema schema : current) {
      List<Version> versions = before.getOrDefault(schema.getName(), List.of());
      if (versions.isEmpty() || !versions.get(versions.size() - 1).schema().equals(schema)) {
        Path directory = Files.createDirectories(directory(next));
        Files.writeString(
            directory.resolve(schema.getName() + ".avsc"), schema.toString(true) + "\n");
        Files.write(directory.resolve(schema.getName() + ".bin"), encode(schema));
        recorded.add(schema.getName());
      }
    }
    return recorded;
  }

  private static byte[] encode(Schema schema) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(schema, GenericData.get())
        .write(SampleRecords.of(schema), encoder);
    encoder.flush();
    return out.toByteArray();
  }
}
