package io.lazaret.console.record;

import io.lazaret.eventing.Topics;
import io.lazaret.problem.ProblemException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a record stands in the log.
 *
 * @param topic its topic
 * @param partition its partition
 * @param offset its offset there
 */
public record Place(String topic, int partition, long offset) {

  /** Bytes of a place in a key. */
  static final int BYTES = 1 + Short.BYTES + Long.BYTES;

  /** Topics that are kept; the position in this list is part of what is on disk. */
  public static final List<String> TOPICS = topics();

  private static List<String> topics() {
    List<String> all = new ArrayList<>(List.of(Topics.EVENTS, Topics.RELEASES, Topics.TRIGGERS));
    all.add(Topics.INBOX);
    Topics.COMMANDED.forEach(stage -> all.add(Topics.commands(stage)));
    all.add(Topics.deadLetters(Topics.INBOX));
    Topics.COMMANDED.forEach(stage -> all.add(Topics.deadLetters(Topics.commands(stage))));
    all.add(Topics.AUDIT);
    return List.copyOf(all);
  }

  /** The name of the record in the interface: topic number, partition, offset. */
  public String id() {
    return TOPICS.indexOf(topic) + "." + partition + "." + offset;
  }

  /**
   * The place that an id names.
   *
   * @throws ProblemException RECORD_ID_INVALID
   */
  public static Place of(String id) {
    String[] parts = id.split("\\.", -1);
    try {
      if (parts.length == 3) {
        Place place =
            new Place(
                TOPICS.get(Integer.parseInt(parts[0])),
                Short.parseShort(parts[1]),
                Long.parseLong(parts[2]));
        if (place.partition >= 0 && place.offset >= 0) {
          return place;
        }
      }
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      // told below
    }
    throw ProblemException.of(
        "RECORD_ID_INVALID",
        "This is not the id of a record.",
        "Use an id as the timeline gives it, e.g. 0.3.1204.");
  }

  void writeTo(ByteBuffer key) {
    key.put((byte) TOPICS.indexOf(topic)).putShort((short) partition).putLong(offset);
  }

  byte[] key() {
    return marked("");
  }

  /** The key, and a word behind it. */
  byte[] marked(String mark) {
    byte[] word = Keys.text(mark);
    ByteBuffer key = ByteBuffer.allocate(BYTES + word.length);
    writeTo(key);
    return key.put(word).array();
  }

  static Place readFrom(ByteBuffer key) {
    return new Place(TOPICS.get(key.get()), key.getShort(), key.getLong());
  }
}
