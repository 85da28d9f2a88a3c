package io.lazaret.backdoor.detection.pass;

import io.lazaret.backdoor.Checkpoints;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What the model said during a pass, in order. A pass is the same computation whenever it is made
 * with the same seed; so one that was interrupted is made again with the answers of before, until
 * there are no more of them, and goes on from there. What is computed between two answers, random
 * numbers above all, is computed again, and must not be part of an answer.
 *
 * <p>Answers are saved in pages, each once. A page that is missing, damaged or of another run costs
 * time alone. Not thread-safe.
 */
public final class Journal {

  private static final String PAGE = "detection-";
  private static final String FILE = "answers";

  /** Larger answers are computed again: reading them back would cost as much. */
  private static final int LARGEST_ANSWER = 32 << 20;

  private static final byte[] TOO_LARGE = {};

  private final Checkpoints checkpoints;
  private final String run;
  private final Deque<byte[]> before = new ArrayDeque<>();
  private final List<byte[]> fresh = new ArrayList<>();
  private int pages;
  private boolean read;

  /**
   * @param run what must be the same when a pass goes on, as text
   */
  public Journal(Checkpoints checkpoints, String run) {
    this.checkpoints = checkpoints;
    this.run = run;
  }

  /** Token ids. */
  public List<int[]> tokens(Supplier<List<int[]>> compute) {
    return answer(compute, Journal::bytes, Journal::tokens);
  }

  /** Figures. */
  public double[] figures(Supplier<double[]> compute) {
    return answer(compute, Journal::bytes, Journal::figures);
  }

  /** Rows of equal length. */
  public float[][] rows(Supplier<float[][]> compute) {
    return answer(compute, Journal::bytes, Journal::rows);
  }

  private <T> T answer(
      Supplier<T> compute, Function<T, byte[]> encode, Function<ByteBuffer, T> decode) {
    if (!checkpoints.kept()) {
      return compute.get();
    }
    while (before.isEmpty() && !read) {
      read = !readPage();
    }
    byte[] known = before.poll();
    if (known != null && known.length > 0) {
      return decode.apply(ByteBuffer.wrap(known));
    }
    T answer = compute.get();
    if (known == null) {
      fresh.add(encode.apply(answer));
      if (checkpoints.due()) {
        checkpoints.save(PAGE + pages++, this::write);
        fresh.clear();
      }
    }
    return answer;
  }

  /** Takes the answers of the next saved page; false when there is none. */
  private boolean readPage() {
    Optional<Path> saved = checkpoints.latest(PAGE + pages);
    if (saved.isEmpty()) {
      return false;
    }
    List<byte[]> page = new ArrayList<>();
    try (DataInputStream in =
        new DataInputStream(
            new BufferedInputStream(Files.newInputStream(saved.get().resolve(FILE))))) {
      if (!in.readUTF().equals(run)) {
        return false;
      }
      int count = in.readInt();
      for (int i = 0; i < count; i++) {
        int length = in.readInt();
        byte[] answer = in.readNBytes(Math.min(length, LARGEST_ANSWER));
        if (answer.length != length) {
          return false;
        }
        page.add(answer);
      }
    } catch (IOException damaged) {
      return false;
    }
    before.addAll(page);
    pages++;
    return true;
  }

  private void write(Path directory) {
    try (DataOutputStream out =
        new DataOutputStream(
            new BufferedOutputStream(Files.newOutputStream(directory.resolve(FILE))))) {
      out.writeUTF(run);
      out.writeInt(fresh.size());
      for (byte[] answer : fresh) {
        out.writeInt(answer.length);
        out.write(answer);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(List<int[]> lists) {
    long numbers = lists.stream().mapToLong(each -> each.length + 1L).sum();
    if (numbers * Integer.BYTES > LARGEST_ANSWER - Integer.BYTES) {
      return TOO_LARGE;
    }
    ByteBuffer out = ByteBuffer.allocate((int) (numbers + 1) * Integer.BYTES).putInt(lists.size());
    for (int[] list : lists) {
      out.putInt(list.length);
      for (int token : list) {
        out.putInt(token);
      }
    }
    return out.array();
  }

  private static List<int[]> tokens(ByteBuffer in) {
    int count = in.getInt();
    List<int[]> lists = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] list = new int[in.getInt()];
      for (int j = 0; j < list.length; j++) {
        list[j] = in.getInt();
      }
      lists.add(list);
    }
    return lists;
  }

  private static byte[] bytes(double[] figures) {
    ByteBuffer out = ByteBuffer.allocate((figures.length + 1) * Double.BYTES);
    out.putLong(figures.length);
    for (double figure : figures) {
      out.putDouble(figure);
    }
    return out.array();
  }

  private static double[] figures(ByteBuffer in) {
    double[] figures = new double[(int) in.getLong()];
    for (int i = 0; i < figures.length; i++) {
      figures[i] = in.getDouble();
    }
    return figures;
  }

  private static byte[] bytes(float[][] rows) {
    int width = rows.length == 0 ? 0 : rows[0].length;
    if ((long) rows.length * width * Float.BYTES > LARGEST_ANSWER - Long.BYTES) {
      return TOO_LARGE;
    }
    ByteBuffer out = ByteBuffer.allocate(Long.BYTES + rows.length * width * Float.BYTES);
    out.putInt(rows.length).putInt(width);
    for (float[] row : rows) {
      for (float value : row) {
        out.putFloat(value);
      }
    }
    return out.array();
  }

  private static float[][] rows(ByteBuffer in) {
    float[][] rows = new float[in.getInt()][in.getInt()];
    for (float[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        row[i] = in.getFloat();
      }
    }
    return rows;
  }
}
