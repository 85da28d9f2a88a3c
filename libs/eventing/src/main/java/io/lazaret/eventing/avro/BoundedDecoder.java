package io.lazaret.eventing.avro;

import java.io.EOFException;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.io.Decoder;
import org.apache.avro.util.Utf8;

/**
 * Reads Avro's binary encoding (specification, "Binary Encoding") from bytes of unknown origin.
 * Avro's own decoder allocates what a length prefix claims, up to limits that can only be set for
 * the whole process and before its first use. Here nothing is believed to be longer than the bytes
 * that are left; an array or map may not have more items than that either.
 */
final class BoundedDecoder extends Decoder {

  private static final int LONGEST_INT = 5;
  private static final int LONGEST_LONG = 10;

  private static final VarHandle FLOAT =
      MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle DOUBLE =
      MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] bytes;
  private int at;

  BoundedDecoder(byte[] bytes, int offset) {
    this.bytes = bytes;
    this.at = offset;
  }

  /** A length that fits into what is left. */
  private int length(long claimed) throws IOException {
    if (claimed < 0) {
      throw new AvroRuntimeException("a length of " + claimed);
    }
    if (claimed > bytes.length - at) {
      throw new EOFException(
          "a length of " + claimed + " where " + (bytes.length - at) + " are left");
    }
    return (int) claimed;
  }

  private void skip(long count) throws IOException {
    at += length(count);
  }

  /** Goes over so many bytes; returns where they begin. */
  private int take(long count) throws IOException {
    int start = at;
    skip(count);
    return start;
  }

  private long varint(int longest) throws IOException {
    long value = 0;
    for (int i = 0; i < longest; i++) {
      byte b = bytes[take(1)];
      value |= (b & 0x7fL) << (7 * i);
      if (b >= 0) {
        return (value >>> 1) ^ -(value & 1);
      }
    }
    throw new AvroRuntimeException("a number of more than " + longest + " bytes");
  }

  @Override
  public void readNull() {}

  @Override
  public boolean readBoolean() throws IOException {
    return bytes[take(1)] == 1;
  }

  @Override
  public int readInt() throws IOException {
    return (int) varint(LONGEST_INT);
  }

  @Override
  public long readLong() throws IOException {
    return varint(LONGEST_LONG);
  }

  @Override
  public float readFloat() throws IOException {
    return (float) FLOAT.get(bytes, take(Float.BYTES));
  }

  @Override
  public double readDouble() throws IOException {
    return (double) DOUBLE.get(bytes, take(Double.BYTES));
  }

  @Override
  public Utf8 readString(Utf8 old) throws IOException {
    return new Utf8(readBytes());
  }

  @Override
  public String readString() throws IOException {
    int length = length(readLong());
    return new String(bytes, take(length), length, StandardCharsets.UTF_8);
  }

  @Override
  public void skipString() throws IOException {
    skip(readLong());
  }

  @Override
  public ByteBuffer readBytes(ByteBuffer old) throws IOException {
    return ByteBuffer.wrap(readBytes());
  }

  private byte[] readBytes() throws IOException {
    int length = length(readLong());
    int start = take(length);
    return Arrays.copyOfRange(bytes, start, start + length);
  }

  @Override
  public void skipBytes() throws IOException {
    skip(readLong());
  }

  @Override
  public void readFixed(byte[] into, int start, int count) throws IOException {
    System.arraycopy(bytes, take(count), into, start, count);
  }

  @Override
  public void skipFixed(int count) throws IOException {
    skip(count);
  }

  @Override
  public int readEnum() throws IOException {
    return readInt();
  }

  @Override
  public int readIndex() throws IOException {
    return readInt();
  }

  /** A block of items; a negative count is followed by the block's size in bytes. */
  private long items() throws IOException {
    long count = readLong();
    if (count < 0) {
      length(readLong());
      count = -count;
    }
    return length(count);
  }

  /** Skips blocks that say their size; returns how many items the caller is to skip one by one. */
  private long skipItems() throws IOException {
    long count = readLong();
    while (count < 0) {
      skip(readLong());
      count = readLong();
    }
    return length(count);
  }

  @Override
  public long readArrayStart() throws IOException {
    return items();
  }

  @Override
  public long arrayNext() throws IOException {
    return items();
  }

  @Override
  public long skipArray() throws IOException {
    return skipItems();
  }

  @Override
  public long readMapStart() throws IOException {
    return items();
  }

  @Override
  public long mapNext() throws IOException {
    return items();
  }

  @Override
  public long skipMap() throws IOException {
    return skipItems();
  }
}
