package io.lazaret.llm;

import ai.djl.ndarray.NDManager;
import io.lazaret.llm.decoder.Decoder;
import io.lazaret.llm.decoder.KvCache;
import io.lazaret.llm.tensor.Lanes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Keys and values of a fixed set of prompts, for trying many continuations behind them. Belongs to
 * the model that made it, sees later changes of its weights only in the continuations, and is for
 * one thread at a time.
 */
public final class PrefixCache implements AutoCloseable {

  /** Longest continuation. */
  public static final int MAX_CONTINUATION = 64;

  /** Positions that one pass tries behind all prompts together, if there are few prompts. */
  private static final int PASS_POSITIONS = 1_024;

  /** Beyond this, attention among the tries costs more than larger passes save. */
  private static final int MAX_ROOM = 256;

  private final NDManager owner;
  private final List<KvCache> parts = new ArrayList<>();
  private final int prompts;
  private final int longest;
  private final int room;

  public PrefixCache(Decoder decoder, List<int[]> prompts, BatchLimits limits) {
    if (prompts.isEmpty()) {
      throw new IllegalArgumentException("there are no prompts to cache");
    }
    decoder.check(prompts, null);
    this.prompts = prompts.size();
    this.longest = prompts.stream().mapToInt(p -> p.length).max().orElseThrow();
    this.room = Math.max(MAX_CONTINUATION, Math.min(MAX_ROOM, PASS_POSITIONS / prompts.size()));
    this.owner = decoder.scope();
    List<Integer> order = new ArrayList<>(IntStream.range(0, prompts.size()).boxed().toList());
    order.sort(Comparator.comparingInt(i -> prompts.get(i).length));
    try {
      int fitting = Math.min(limits.rows(), limits.tokens() / (longest + room));
      int rows = Math.max(1, Math.min(fitting, Lanes.share(order.size())));
      for (int first = 0; first < order.size(); first += rows) {
        List<Integer> members = order.subList(first, Math.min(order.size(), first + rows));
        KvCache part = new KvCache(decoder, owner, prompts, members, room);
        part.start(null, unused -> null);
        parts.add(part);
      }
    } catch (RuntimeException | Error e) {
      owner.close();
      throw e;
    }
  }

  /** Number of prompts. */
  public int size() {
    return prompts;
  }

  /** Length of the longest prompt. */
  public int longest() {
    return longest;
  }

  /** Positions behind each prompt that one pass can try. */
  public int room() {
    return room;
  }

  public List<KvCache> parts() {
    return parts;
  }

  @Override
  public void close() {
    owner.close();
  }
}
