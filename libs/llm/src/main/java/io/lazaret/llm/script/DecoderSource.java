package io.lazaret.llm.script;

import io.lazaret.llm.ModelConfig;
import java.util.List;
import java.util.Locale;

/**
 * TorchScript text of a pre-norm decoder (RMSNorm, rotary positions, grouped-query attention,
 * SwiGLU) for one configuration.
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

  /** Bound tensor lists: weights, their gradient sums, constants. */
  public static final List<String> LISTS = List.of("w", "g", "c");

  /** Index of the first weight of the first layer; before it embedding and final norm. */
  private static final int FIRST_LAYER = 2;

  private static final int WEIGHTS_PER_LAYER = 9;

  private static final String HEADER =
      """
      class Decoder(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
        w : List[Tensor]
        g : List[Tensor]
        c : List[Tensor]
        def forward(self: __torch__.Decoder, x: Tensor) -> Tensor:
          return x
        def bind(self: __torch__.Decoder, x: Tensor, w: List[Tensor], c: List[Tensor]) -> Tensor:
          self.w = w
          self.c = c
          return x
        def bind_gradients(self: __torch__.Decoder, x: Tensor, g: List[Tensor]) -> Tensor:
          self.g = g
          return x
      """;

  private static final String LAYERS =
      """
        def rms(self: __torch__.Decoder, x: Tensor, weight: Tensor) -> Tensor:
          v = torch.mean(torch.pow(x, 2), [-1], True)
          return torch.mul(torch.mul(x, torch.rsqrt(torch.add(v, @EPS@))), weight)
        def rotate(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
          a = torch.slice(x, -1, 0, @HALF@)
          b = torch.slice(x, -1, @HALF@)
          return torch.add(torch.mul(x, cos), torch.mul(torch.cat([torch.neg(b), a], -1), sin))
        def angles(self: __torch__.Decoder, pos: Tensor) -> Tensor:
          f = torch.mul(torch.unsqueeze(torch.to(pos, 6), -1), self.c[0])
          return torch.unsqueeze(torch.cat([f, f], -1), 1)
        def select(self: __torch__.Decoder, x: Tensor, rows: Tensor) -> Tensor:
          return torch.index_select(torch.reshape(x, [-1, torch.size(x, -1)]), 0, rows)
        def embed(self: __torch__.Decoder, ids: Tensor, soft: Tensor) -> Tensor:
          e = torch.embedding(self.w[0], torch.clamp(ids, 0, @VOCAB@ - 1))
          k = torch.size(soft, 0)
          if k > 0:
            s = torch.embedding(soft, torch.clamp(torch.sub(ids, @VOCAB@), 0, k - 1))
            e = torch.where(torch.unsqueeze(torch.ge(ids, @VOCAB@), -1), s, e)
          return e
        def attend(self: __torch__.Decoder, i: int, x: Tensor, cos: Tensor, sin: Tensor, mask: Optional[Tensor], keys: List[Tensor], values: List[Tensor], past: int) -> Tensor:
          w = self.w
          o = @FIRST@ + i * @STRIDE@
          B = torch.size(x, 0)
          T = torch.size(x, 1)
          h = (self).rms(x, w[o])
          q = torch.transpose(torch.view(torch.linear(h, w[o + 1]@QBIAS@), [B, T, @HEADS@, @DIM@]), 1, 2)
          k = torch.transpose(torch.view(torch.linear(h, w[o + 2]@KBIAS@), [B, T, @KVHEADS@, @DIM@]), 1, 2)
          v = torch.transpose(torch.view(torch.linear(h, w[o + 3]@VBIAS@), [B, T, @KVHEADS@, @DIM@]), 1, 2)
          q = (self).rotate(q, cos, sin)
          k = (self).rotate(k, cos, sin)
          if torch.len(keys) > 0:
            _0 = torch.copy_(torch.slice(keys[i], 2, past, past + T), k)
            _1 = torch.copy_(torch.slice(values[i], 2, past, past + T), v)
            k = torch.slice(keys[i], 2, 0, past + T)
            v = torch.slice(values[i], 2, 0, past + T)
          causal = torch.__is__(mask, None) and T > 1
          y = torch.scaled_dot_product_attention(q, k, v, mask, 0., causal, scale=None, enable_gqa=@GQA@)
          return torch.reshape(torch.transpose(y, 1, 2), [B, T, @WIDTH@])
        def feed(self: __torch__.Decoder, i: int, x: Tensor, y: Tensor) -> Tensor:
          w = self.w
          o = @FIRST@ + i * @STRIDE@
          x1 = torch.add(x, torch.linear(y, w[o + 4]))
          h = (self).rms(x1, w[o + 5])
          h1 = torch.mul(torch.silu(torch.linear(h, w[o + 6])), torch.linear(h, w[o + 7]))
          return torch.add(x1, torch.linear(h1, w[o + 8]))
        def run(self: __torch__.Decoder, x: Tensor, pos: Tensor, rows: Tensor, mask: Optional[Tensor], keys: List[Tensor], values: List[Tensor], past: int) -> Tensor:
          f = (self).angles(pos)
          cos = torch.cos(f)
          sin = torch.sin(f)
          h = x
          for i in range(@LAST@):
            h = (self).feed(i, h, (self).attend(i, h, cos, sin, mask, keys, values, past))
          y = (self).attend(@LAST@, h, cos, sin, mask, keys, values, past)
          h = (self).feed(@LAST@, (self).select(h, rows), (self).select(y, rows))
          return torch.linear((self).rms(h, self.w[1]), self.w[@HEAD@])
        def logits_of(self: __torch__.Decoder, x: Tensor, rows: Tensor) -> Tensor:
          e = annotate(List[Tensor], [])
          pos = torch.unsqueeze(torch.arange(torch.size(x, 1), dtype=4), 0)
          return (self).run(x, pos, rows, None, e, e, 0)
        def logits(self: __torch__.Decoder, ids: Tensor, rows: Tensor, soft: Tensor) -> Tensor:
          return (self).logits_of((self).embed(ids, soft), rows)
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
        def loss(self: __torch__.Decoder, ids: Tensor, rows: Tensor, soft: Tensor, targets: Tensor) -> Tensor:
          return torch.cross_entropy_loss((self).logits(ids, rows, soft), targets, None, 2)
      """;

  private static final String CACHING =
      """
        def cached_mask(self: __torch__.Decoder, lens: Tensor, S: int, past: int, L: int, Q: int) -> Tensor:
          B = torch.size(lens, 0)
          k = torch.unsqueeze(torch.arange(past, dtype=4), 0)
          old = torch.logical_or(torch.lt(k, torch.unsqueeze(lens, 1)), torch.ge(k, S))
          q = torch.arange(Q, dtype=4)
          c = torch.floor_divide(q, L)
          same = torch.eq(torch.unsqueeze(c, 1), torch.unsqueeze(c, 0))
          new = torch.logical_and(same, torch.le(torch.unsqueeze(q, 0), torch.unsqueeze(q, 1)))
          old1 = torch.expand(torch.unsqueeze(old, 1), [B, Q, past])
          new1 = torch.expand(torch.unsqueeze(new, 0), [B, Q, Q])
          return torch.unsqueeze(torch.cat([old1, new1], 2), 1)
        def extend(self: __torch__.Decoder, ids: Tensor, rows: Tensor, soft: Tensor, lens: Tensor, at: Tensor, k: List[Tensor], v: List[Tensor]) -> Tensor:
          S = int(at[0])
          past = int(at[1])
          L = int(at[2])
          Q = torch.size(ids, 1)
          x = (self).embed(ids, soft)
          q = torch.arange(Q, dtype=4)
          if past == 0:
            y = (self).run(x, torch.unsqueeze(q, 0), rows, None, k, v, 0)
          else:
            pos = torch.add(torch.unsqueeze(torch.add(lens, past - S), 1), torch.remainder(q, L))
            y = (self).run(x, pos, rows, (self).cached_mask(lens, S, past, L, Q), k, v, past)
          return torch.log_softmax(y, -1)
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

  private static final String TRAINING =
      """
        def backward(self: __torch__.Decoder, ids: Tensor, rows: Tensor, soft: Tensor, targets: Tensor, scale: Tensor, soft_gradient: Tensor, weights: Tensor) -> Tensor:
          loss = (self).loss(ids, rows, soft, targets)
          p = annotate(List[Tensor], [])
          g = annotate(List[Tensor], [])
          if int(weights) > 0:
            p = torch.add(p, self.w)
            g = torch.add(g, self.g)
          if torch.size(soft, 0) > 0:
            _0 = torch.append(p, soft)
            _1 = torch.append(g, soft_gradient)
          d = torch.autograd.grad([torch.mul(loss, scale)], p, None, None, False, True)
          for i in range(torch.len(d)):
            a = d[i]
            if torch.__isnot__(a, None):
              _2 = torch.add_(g[i], unchecked_cast(Tensor, a))
          return torch.detach(loss)
        def slot_gradients(self: __torch__.Decoder, ids: Tensor, rows: Tensor, soft: Tensor, targets: Tensor, scale: Tensor, at: Tensor, slots: Tensor, sums: Tensor) -> Tensor:
          x = torch.detach((self).embed(ids, soft))
          x1 = torch.requires_grad_(x, True)
          loss = torch.cross_entropy_loss((self).logits_of(x1, rows), targets, None, 2)
          d = torch.autograd.grad([torch.mul(loss, scale)], [x1], None, None, False, False)
          g = unchecked_cast(Tensor, d[0])
          return torch.index_add_(sums, 0, slots, (self).select(g, at))
        def substitution_scores(self: __torch__.Decoder, sums: Tensor) -> Tensor:
          return torch.neg(torch.linear(sums, self.w[0]))
      """;

  private DecoderSource() {}

  /** The text for a configuration; the weights are bound in the order of the weight layout. */
  public static String of(ModelConfig config) {
    boolean bias = config.qkvBias();
    int stride = WEIGHTS_PER_LAYER + (bias ? 3 : 0);
    int head = config.tiedHead() ? 0 : FIRST_LAYER + config.layers() * stride;
    return (HEADER + LAYERS + SCORING + CACHING + TRAINING)
        .replace("@EPS@", String.format(Locale.ROOT, "%.17e", config.rmsNormEps()))
        .replace("@HALF@", Integer.toString(config.headDim() / 2))
        .replace("@VOCAB@", Integer.toString(config.vocabSize()))
        .replace("@FIRST@", Integer.toString(FIRST_LAYER))
        .replace("@STRIDE@", Integer.toString(stride))
        .replace("@QBIAS@", bias ? ", w[o + 9]" : "")
        .replace("@KBIAS@", bias ? ", w[o + 10]" : "")
        .replace("@VBIAS@", bias ? ", w[o + 11]" : "")
        .replace("@HEADS@", Integer.toString(config.heads()))
        .replace("@KVHEADS@", Integer.toString(config.kvHeads()))
        .replace("@DIM@", Integer.toString(config.headDim()))
        .replace("@WIDTH@", Integer.toString(config.heads() * config.headDim()))
        .replace("@GQA@", config.heads() == config.kvHeads() ? "False" : "True")
        .replace("@LAST@", Integer.toString(config.layers() - 1))
        .replace("@HEAD@", Integer.toString(head));
  }
}
