package io.lazaret.llm.script;

import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.files.Role;
import io.lazaret.llm.files.WeightLayout;
import java.util.List;
import java.util.stream.Stream;

/**
 * TorchScript text of a decoder for one configuration.
 *
 * <p>Conventions of the text: {@code B} sequences of padded length {@code T}, width {@code d},
 * vocabulary {@code V}. Batches are padded on the right: under the causal mask no real token ever
 * sees padding, so no attention mask is needed. Ids of {@code V} and more address rows of the soft
 * prompt. {@code rows} are indexes into the flattened [B*T] positions; the last layer's
 * feed-forward part, the final norm and the vocabulary projection run on those rows alone. In-place
 * operations touch only arguments and bound attributes: the compiler drops others.
 */
public final class DecoderSource {

  /** Name of the class in the text. */
  public static final String CLASS = "Decoder";

  /** Bound lists: weights, constants, and what training adds. */
  public static final List<String> LISTS =
      Stream.concat(Stream.of("w", "c"), TrainingSource.LISTS.stream()).toList();

  /** Keys outside a window are masked only where a sequence has outgrown it. */
  private static final String NEAR_CACHED =
      """
          if past + L > @WINDOW@:
            at = torch.cat([torch.where(torch.lt(k, S), k, torch.add(n, torch.sub(k, S))), pos], 1)
            ago = torch.sub(torch.unsqueeze(pos, 2), torch.unsqueeze(at, 1))
            near = torch.logical_and(full, torch.lt(ago, @WINDOW@))
      """;

  private static final String HEADER =
      """
      class Decoder(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
        w : List[Tensor]
        c : List[Tensor]
        def forward(self: __torch__.Decoder, x: Tensor) -> Tensor:
          return x
        def bind(self: __torch__.Decoder, x: Tensor, w: List[Tensor], c: List[Tensor]) -> Tensor:
          self.w = w
          self.c = c
          return x
      """;

  private static final String LAYERS =
      """
        def select(self: __torch__.Decoder, x: Tensor, rows: Tensor) -> Tensor:
          return torch.index_select(torch.reshape(x, [-1, torch.size(x, -1)]), 0, rows)
        def embed(self: __torch__.Decoder, ids: Tensor, soft: Tensor) -> Tensor:
          e = torch.embedding(self.w[0], torch.clamp(ids, 0, @VOCAB@ - 1))
          k = torch.size(soft, 0)
          if k > 0:
            s = torch.embedding(soft, torch.clamp(torch.sub(ids, @VOCAB@), 0, k - 1))
            e = torch.where(torch.unsqueeze(torch.ge(ids, @VOCAB@), -1), s, e)
          return e
        def enter(self: __torch__.Decoder, x: Tensor, pos: Tensor) -> Tensor:
          return @ENTER@
        def vocab(self: __torch__.Decoder, h: Tensor) -> Tensor:
          y = torch.to((self).product((self).norm(h, @FINAL@), self.w[@HEAD@], None, @HEAD@), 6)
      @CAP@    return y
        def positions(self: __torch__.Decoder, x: Tensor) -> Tensor:
          return torch.unsqueeze(torch.arange(torch.size(x, 1), dtype=4, device=ops.prim.device(x)), 0)
        def tail(self: __torch__.Decoder, x: Tensor, pos: Tensor, rows: Tensor, masks: List[Tensor], keys: List[Tensor], values: List[Tensor], past: int) -> Tensor:
          turn = (self).angles(pos)
          h = (self).enter(x, pos)
          for i in range(@LAST@):
            h = (self).feed(i, h, (self).attend(i, h, turn, masks, keys, values, past))
          y = (self).attend(@LAST@, h, turn, masks, keys, values, past)
          return (self).feed(@LAST@, (self).select(h, rows), (self).select(y, rows))
        def tail_of(self: __torch__.Decoder, x: Tensor, rows: Tensor) -> Tensor:
          e = annotate(List[Tensor], [])
          return (self).tail(x, (self).positions(x), rows, (self).causal_masks(x, False), e, e, 0)
        def logits_of(self: __torch__.Decoder, x: Tensor, rows: Tensor) -> Tensor:
          return (self).vocab((self).tail_of(x, rows))
        def logits(self: __torch__.Decoder, ids: Tensor, rows: Tensor, soft: Tensor) -> Tensor:
          return (self).logits_of((self).embed(ids, soft), rows)
      """;

  /** Whole sequences at every depth, for methods that look inside. */
  private static final String INSIDE =
      """
        def block(self: __torch__.Decoder, i: int, x: Tensor, turn: List[Tensor], masks: List[Tensor]) -> Tensor:
          e = annotate(List[Tensor], [])
          return (self).feed(i, x, (self).attend(i, x, turn, masks, e, e, 0))
        def hidden_states(self: __torch__.Decoder, x: Tensor) -> List[Tensor]:
          pos = (self).positions(x)
          turn = (self).angles(pos)
          masks = (self).causal_masks(x, False)
          h = (self).enter(x, pos)
          out = [h]
          for i in range(@LAYERS@):
            h = (self).block(i, h, turn, masks)
            if i == @LAST@:
              _0 = torch.append(out, (self).norm(h, @FINAL@))
            else:
              _1 = torch.append(out, h)
          return out
        def trace(self: __torch__.Decoder, x: Tensor) -> List[Tensor]:
          pos = (self).positions(x)
          turn = (self).angles(pos)
          masks = (self).causal_masks(x, True)
          h = (self).enter(x, pos)
          out = [h]
          maps = annotate(List[Tensor], [])
          for i in range(@LAYERS@):
            a = (self).qkv(i, h, turn)
            p = (self).weigh(a[0], a[1], masks[@PICK@])
            h = (self).feed(i, h, (self).merge(torch.matmul(torch.type_as(p, a[2]), (self).spread(a[2]))))
            if i == @LAST@:
              _0 = torch.append(out, (self).norm(h, @FINAL@))
            else:
              _1 = torch.append(out, h)
            _2 = torch.append(maps, p)
          return torch.add(out, maps)
        def states(self: __torch__.Decoder, ids: Tensor, soft: Tensor, maps: Tensor) -> List[Tensor]:
          x = (self).embed(ids, soft)
          if int(maps) > 0:
            out = (self).trace(x)
          else:
            out = (self).hidden_states(x)
          return out
      """;

  private static final String SCORING =
      """
        def next(self: __torch__.Decoder, ids: Tensor, rows: Tensor, soft: Tensor) -> Tensor:
          return torch.log_softmax((self).logits(ids, rows, soft), -1)
        def next_sum(self: __torch__.Decoder, ids: Tensor, rows: Tensor, soft: Tensor, group: Tensor, sums: Tensor) -> Tensor:
          return torch.index_add_(sums, 0, group, (self).next(ids, rows, soft))
        def score(self: __torch__.Decoder, ids: Tensor, rows: Tensor, soft: Tensor, targets: Tensor) -> Tensor:
          p = (self).next(ids, rows, soft)
          return torch.squeeze(torch.gather(p, 1, torch.unsqueeze(targets, 1)), 1)
      """;

  private static final String CACHING =
      """
        def cached_masks(self: __torch__.Decoder, lens: Tensor, pos: Tensor, S: int, past: int, L: int) -> List[Tensor]:
          B = torch.size(lens, 0)
          Q = torch.size(pos, 1)
          k = torch.unsqueeze(torch.arange(past, dtype=4, device=ops.prim.device(lens)), 0)
          n = torch.unsqueeze(lens, 1)
          old = torch.logical_or(torch.lt(k, n), torch.ge(k, S))
          q = torch.arange(Q, dtype=4, device=ops.prim.device(lens))
          c = torch.floor_divide(q, L)
          same = torch.eq(torch.unsqueeze(c, 1), torch.unsqueeze(c, 0))
          new = torch.logical_and(same, torch.le(torch.unsqueeze(q, 0), torch.unsqueeze(q, 1)))
          old1 = torch.expand(torch.unsqueeze(old, 1), [B, Q, past])
          new1 = torch.expand(torch.unsqueeze(new, 0), [B, Q, Q])
          full = torch.cat([old1, new1], 2)
          near = full
      @NEAR_CACHED@    return [torch.unsqueeze(full, 1), torch.unsqueeze(near, 1)]
        def extend(self: __torch__.Decoder, ids: Tensor, rows: Tensor, soft: Tensor, lens: Tensor, at: Tensor, k: List[Tensor], v: List[Tensor]) -> Tensor:
          S = int(at[0])
          past = int(at[1])
          L = int(at[2])
          x = (self).embed(ids, soft)
          if past == 0:
            h = (self).tail(x, (self).positions(x), rows, (self).causal_masks(x, False), k, v, 0)
          else:
            q = torch.arange(torch.size(ids, 1), dtype=4, device=ops.prim.device(ids))
            pos = torch.add(torch.unsqueeze(torch.add(lens, past - S), 1), torch.remainder(q, L))
            h = (self).tail(x, pos, rows, (self).cached_masks(lens, pos, S, past, L), k, v, past)
          return torch.log_softmax((self).vocab(h), -1)
        def add_over_prompts(self: __torch__.Decoder, logp: Tensor, sums: Tensor, span: Tensor, probabilities: Tensor) -> Tensor:
          first = int(span[0])
          count = int(span[1])
          x = torch.view(logp, [-1, count, torch.size(sums, 1)])
          if int(probabilities) > 0:
            x = torch.exp(x)
          return torch.add_(torch.slice(sums, 0, first, first + count), torch.sum(x, [0]))
        def argmax(self: __torch__.Decoder, logp: Tensor) -> Tensor:
          ids = torch.argmax(logp, -1)
          return torch.where(torch.isnan(torch.select(logp, 1, 0)), torch.neg(torch.ones_like(ids)), ids)
        def keep(self: __torch__.Decoder, rows: Tensor, k: List[Tensor]) -> List[Tensor]:
          out = annotate(List[Tensor], [])
          for i in range(torch.len(k)):
            _0 = torch.append(out, torch.index_select(k[i], 0, rows))
          return out
      """;

  private DecoderSource() {}

  /** The text for a configuration; the weights are bound in the order of the weight layout. */
  public static String of(ModelConfig config) {
    WeightLayout layout = new WeightLayout(config);
    AttentionSource attention = new AttentionSource(config, layout);
    int window = config.attention().window();
    String layers = new LayerSource(config, layout).text() + attention.text();
    String products = TrainingSource.products(config.transposed());
    return (HEADER
            + TrainingSource.ATTRIBUTES
            + products
            + layers
            + LAYERS
            + INSIDE
            + SCORING
            + CACHING
            + SamplingSource.TEXT
            + TrainingSource.GRADIENTS
            + ObjectiveSource.TEXT)
        .replace("@NEAR_CACHED@", window > 0 ? NEAR_CACHED : "")
        .replace("@WINDOW@", Integer.toString(window))
        .replace("@PICK@", attention.pick())
        .replace("@ENTER@", entrance(config, layout))
        .replace("@CAP@", cap(config.logitCap()))
        .replace("@VOCAB@", Integer.toString(config.vocabSize()))
        .replace("@FIRST@", Integer.toString(layout.firstLayer()))
        .replace("@STRIDE@", Integer.toString(layout.stride()))
        .replace("@LAYERS@", Integer.toString(config.layers()))
        .replace("@LAST@", Integer.toString(config.layers() - 1))
        .replace("@FINAL@", Integer.toString(layout.index(Role.FINAL_NORM)))
        .replace("@HEAD@", Integer.toString(layout.index(Role.HEAD)));
  }

  private static String entrance(ModelConfig config, WeightLayout layout) {
    if (config.rope().learned()) {
      return "torch.add(x, torch.embedding(self.w[" + layout.index(Role.POSITIONS) + "], pos))";
    }
    double scale = config.embeddingScale();
    return scale == 1 ? "x" : "torch.mul(x, " + Text.number(scale) + ")";
  }

  private static String cap(double cap) {
    String number = Text.number(cap);
    return Text.when(
        cap > 0, "y = torch.mul(torch.tanh(torch.div(y, " + number + ")), " + number + ")");
  }
}
