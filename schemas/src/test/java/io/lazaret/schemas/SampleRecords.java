package io.lazaret.schemas;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** A record of any schema, full of values, the same on every run. */
final class SampleRecords {

  private static final int ITEMS = 2;

  private SampleRecords() {}

  static GenericRecord of(Schema schema) {
    return (GenericRecord) value(schema, new SplittableRandom(schema.getFullName().length()));
  }

  private static Object value(Schema schema, SplittableRandom random) {
    return switch (schema.getType()) {
      case RECORD -> record(schema, random);
      case ENUM -> {
        List<String> symbols = schema.getEnumSymbols();
        yield new GenericData.EnumSymbol(schema, symbols.get(random.nextInt(symbols.size())));
      }
      case ARRAY -> {
        GenericData.Array<Object> array = new GenericData.Array<>(ITEMS, schema);
        for (int i = 0; i < ITEMS; i++) {
          array.add(value(schema.getElementType(), random));
        }
        yield array;
      }
      case MAP -> {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < ITEMS; i++) {
          map.put("key" + i, value(schema.getValueType(), random));
        }
        yield map;
      }
      // The last branch: where null is possible the other one says more.
      case UNION -> value(schema.getTypes().get(schema.getTypes().size() - 1), random);
      case FIXED -> new GenericData.Fixed(schema, new byte[schema.getFixedSize()]);
      case STRING -> "text-\u00e9-" + random.nextInt(1_000);
      case BYTES -> ByteBuffer.wrap(new byte[] {1, 2, 3});
      case INT -> random.nextInt(1, 1_000);
      case LONG -> random.nextLong(1, 2_000_000_000_000L);
      case FLOAT -> random.nextInt(1_000) / 8f;
      case DOUBLE -> random.nextInt(1_000) / 8d;
      case BOOLEAN -> true;
      case NULL -> null;
    };
  }

  private static GenericRecord record(Schema schema, SplittableRandom random) {
    GenericRecord record = new GenericData.Record(schema);
    for (Schema.Field field : schema.getFields()) {
      record.put(field.pos(), value(field.schema(), random));
    }
    return record;
  }
}
