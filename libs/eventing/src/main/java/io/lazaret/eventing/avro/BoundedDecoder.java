package io.lazaret.eventing.avro;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
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

  private final ByteBuffer in;

  BoundedDecoder(byte[] bytes, int offset) {
    this.in = ByteBuffer.wrap(bytes, offset, bytes.length - offset).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A length that fits into what is left. */
  private int length(long claimed) throws IOException {
    if (claimed < 0) {
      throw new AvroRuntimeException("a length of " + claimed);
    }
    if (claimed > in.remaining()) {
      throw new EOFException("a length of " + claimed + " where " + in.remaining() + " are left");
    }
    return (int) claimed;
  }

  private void skip(long count) throws IOException {
    in.position(in.position() + length(count));
  }

  private long varint(int longest) throws IOException {
    long value = 0;
    for (int i = 0; i < longest; i++) {
      length(1);
      byte b = in.get();
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
    length(1);
    return in.get() == 1;
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
    length(Float.BYTES);
    return in.getFloat();
  }

  @Override
  public double readDouble() throws IOException {
    length(Double.BYTES);
    return in.getDouble();
  }

  @Override
  public Utf8 readString(Utf8 old) throws IOException {
    byte[] bytes = new byte[length(readLong())];
    in.get(bytes);
    return new Utf8(bytes);
  }

  @Override
  public String readString() throws IOException {
    int length = length(readLong());
    String text =
        new String(in.array(), in.arrayOffset() + in.position(), length, StandardCharsets.UTF_8);
    skip(length);
    return text;
  }

  @Override
  public void skipString() throws IOException {
    skip(readLong());
  }

  @Override
  public ByteBuffer readBytes(ByteBuffer old) throws IOException {
    byte[] bytes = new byte[length(readLong())];
    in.get(bytes);
    return ByteBuffer.wrap(bytes);
  }

  @Override
  public void skipBytes() throws IOException {
    skip(readLong());
  }

  @Override
  public void readFixed(byte[] bytes, int start, int count) throws IOException {
    in.get(bytes, start, length(count));
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
