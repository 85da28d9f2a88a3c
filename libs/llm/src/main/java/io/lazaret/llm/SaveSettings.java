package io.lazaret.llm;

import io.lazaret.llm.files.ShardWriter;

/**
 * How a model directory is written.
 *
 * @param type number format of all weights; null: each weight in the one that it was read in, so
 *     that a weight nobody changed keeps its exact bytes
 * @param shardBytes largest weight file, without its header; a single tensor may be larger
 */
public record SaveSettings(WeightType type, long shardBytes) {

  /** Every weight as it was read, shards of 5 GB. */
  public static SaveSettings asRead() {
    return new SaveSettings(null, ShardWriter.SHARD_BYTES);
  }

  /** All weights in one format, shards of 5 GB. */
  public static SaveSettings of(WeightType type) {
    return new SaveSettings(type, ShardWriter.SHARD_BYTES);
  }

  /** The same with another largest shard. */
  public SaveSettings withShardBytes(long bytes) {
    return new SaveSettings(type, bytes);
  }
}
