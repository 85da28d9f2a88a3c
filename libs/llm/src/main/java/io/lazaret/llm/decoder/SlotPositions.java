package io.lazaret.llm.decoder;

import io.lazaret.llm.Example;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Where slots lie in a padded batch.
 *
 * @param flat flattened index of each position
 * @param slots the slot that each of them belongs to
 */
record SlotPositions(long[] flat, long[] slots) {

  /**
   * @param slots slots.get(j)[b] are the positions of slot j in example b
   */
  static SlotPositions of(Batch batch, List<Example> examples, List<int[][]> slots) {
    LongStream.Builder flat = LongStream.builder();
    LongStream.Builder numbers = LongStream.builder();
    for (int slot = 0; slot < slots.size(); slot++) {
      if (slots.get(slot).length != examples.size()) {
        throw new IllegalArgumentException(
            "slot " + slot + " names positions of " + slots.get(slot).length + " examples");
      }
      for (int row = 0; row < batch.rows(); row++) {
        int member = batch.members()[row];
        for (int position : slots.get(slot)[member]) {
          if (position < 0 || position >= examples.get(member).ids().length) {
            throw new IllegalArgumentException(
                "slot " + slot + " lies at " + position + " outside example " + member);
          }
          flat.add(batch.flat(row, position));
          numbers.add(slot);
        }
      }
    }
    return new SlotPositions(flat.build().toArray(), numbers.build().toArray());
  }
}
