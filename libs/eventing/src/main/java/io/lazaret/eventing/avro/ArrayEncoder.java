package io.lazaret.eventing.avro;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.avro.io.Encoder;
import org.apache.avro.util.Utf8;

/**
 * Writes Avro's binary encoding (specification, "Binary Encoding") into one growing array, behind
 * the header of the wire format. Avro's own encoder copies every text twice more on its way.
 */
final class ArrayEncoder extends Encoder {

  /** Most records of the platform fit. */
  private static final int FIRST_BYTES = 2048;

  private static final int LONGEST_LONG = 10;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle FLOAT =
      MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle DOUBLE =
      MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);

  private byte[] bytes = new byte[FIRST_BYTES];
  private int length;

  ArrayEncoder(byte magic, int schemaId) {
    bytes[0] = magic;
    INT.set(bytes, 1, schemaId);
    length = AvroSerializer.HEADER_BYTES;
  }

  byte[] bytes() {
    return Arrays.copyOf(bytes, length);
  }

  /** Makes room and returns where it begins. */
  private int take(int count) {
    int at = length;
    if (count > bytes.length - at) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, Math.addExact(at, count)));
    }
    length = at + count;
    return at;
  }

  @Override
  public void writeNull() {}

  @Override
  public void writeBoolean(boolean value) {
    int at = take(1);
    bytes[at] = (byte) (value ? 1 : 0);
  }

  @Override
  public void writeInt(int value) {
    writeLong(value);
  }

  @Override
  public void writeLong(long value) {
    int at = take(LONGEST_LONG);
    long left = value << 1 ^ value >> Long.SIZE - 1;
    while ((left & ~0x7fL) != 0) {
      bytes[at++] = (byte) (left | 0x80);
      left >>>= 7;
    }
    bytes[at++] = (byte) left;
    length = at;
  }

  @Override
  public void writeFloat(float value) {
    int at = take(Float.BYTES);
    FLOAT.set(bytes, at, value);
  }

  @Override
  public void writeDouble(double value) {
    int at = take(Double.BYTES);
    DOUBLE.set(bytes, at, value);
  }

  @Override
  public void writeString(Utf8 text) {
    writeBytes(text.getBytes(), 0, text.getByteLength());
  }

  @Override
  public void writeString(String text) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    writeBytes(encoded, 0, encoded.length);
  }

  @Override
  public void writeBytes(ByteBuffer value) {
    int count = value.remaining();
    writeLong(count);
    int at = take(count);
    value.duplicate().get(bytes, at, count);
  }

  @Override
  public void writeBytes(byte[] value, int start, int count) {
    writeLong(count);
    writeFixed(value, start, count);
  }

  @Override
  public void writeFixed(byte[] value, int start, int count) {
    int at = take(count);
    System.arraycopy(value, start, bytes, at, count);
  }

  @Override
  public void writeEnum(int symbol) {
    writeLong(symbol);
  }

  @Override
  public void writeArrayStart() {}

  @Override
  public void setItemCount(long count) {
    if (count > 0) {
      writeLong(count);
    }
  }

  @Override
  public void startItem() {}

  @Override
  public void writeArrayEnd() {
    writeLong(0);
  }

  @Override
  public void writeMapStart() {}

  @Override
  public void writeMapEnd() {
    writeLong(0);
  }

  @Override
  public void writeIndex(int index) {
    writeLong(index);
  }

  @Override
  public void flush() {}
}
