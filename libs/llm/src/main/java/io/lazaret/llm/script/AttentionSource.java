package io.lazaret.llm.script;

import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.arch.Attention;
import io.lazaret.llm.arch.Rope;
import io.lazaret.llm.files.Role;
import io.lazaret.llm.files.WeightLayout;
import java.util.stream.Collectors;

/**
 * TorchScript text of attention: positions, masks, queries, keys and values, and their mixing.
 *
 * <p>{@code turn} are cosine and sine [1 or B, 1, T, R], or two unused tensors where positions are
 * learned. {@code masks} is empty for the plain causal mask without windows; otherwise it holds the
 * mask of the unlimited layers and that of the limited ones, true where a query sees a key.
 */
final class AttentionSource {

  private static final String POSITIONS =
      """
        def rotate(self: __torch__.Decoder, x: Tensor, turn: List[Tensor]) -> Tensor:
      @ROTATE@
        def angles(self: __torch__.Decoder, pos: Tensor) -> List[Tensor]:
      @ANGLES@
        def causal_masks(self: __torch__.Decoder, x: Tensor, explicit: bool) -> List[Tensor]:
          masks = annotate(List[Tensor], [])
          T = torch.size(x, 1)
          if @EXPLICIT@:
            t = torch.arange(T, dtype=4, device=ops.prim.device(x))
            ago = torch.sub(torch.unsqueeze(t, 1), torch.unsqueeze(t, 0))
            full = torch.ge(ago, 0)
            _0 = torch.append(masks, full)
            _1 = torch.append(masks, @NEAR@)
          return masks
      """;

  private static final String MIXING =
      """
        def heads(self: __torch__.Decoder, x: Tensor, n: int) -> Tensor:
          return torch.transpose(torch.view(x, [torch.size(x, 0), torch.size(x, 1), n, @DIM@]), 1, 2)
        def qkv(self: __torch__.Decoder, i: int, x: Tensor, turn: List[Tensor]) -> List[Tensor]:
          o = @FIRST@ + i * @STRIDE@
      @QKV@
          return [torch.type_as(q, v), torch.type_as(k, v), v]
        def merge(self: __torch__.Decoder, y: Tensor) -> Tensor:
          return torch.reshape(torch.transpose(y, 1, 2), [torch.size(y, 0), torch.size(y, 2), @WIDTH@])
        def spread(self: __torch__.Decoder, x: Tensor) -> Tensor:
          return @SPREAD@
        def weigh(self: __torch__.Decoder, q: Tensor, k: Tensor, mask: Tensor) -> Tensor:
          s = torch.mul(torch.to(torch.matmul(q, torch.transpose((self).spread(k), 2, 3)), 6), @SCALE@)
      @CAP@    s = torch.masked_fill(s, torch.logical_not(mask), -3.4028234663852886e+38)
          return torch.softmax(s, -1)
        def mix(self: __torch__.Decoder, i: int, q: Tensor, k: Tensor, v: Tensor, masks: List[Tensor]) -> Tensor:
      @MIX@
          return y
        def attend(self: __torch__.Decoder, i: int, x: Tensor, turn: List[Tensor], masks: List[Tensor], keys: List[Tensor], values: List[Tensor], past: int) -> Tensor:
          a = (self).qkv(i, x, turn)
          k = a[1]
          v = a[2]
          if torch.len(keys) > 0:
            T = torch.size(x, 1)
            _0 = torch.copy_(torch.slice(keys[i], 2, past, past + T), k)
            _1 = torch.copy_(torch.slice(values[i], 2, past, past + T), v)
            k = torch.slice(keys[i], 2, 0, past + T)
            v = torch.slice(values[i], 2, 0, past + T)
          return (self).merge((self).mix(i, torch.type_as(a[0], v), k, v, masks))
      """;

  /** Fused kernels; the causal mask without a tensor is the fastest of all. */
  private static final String FUSED_MIX =
      """
          if torch.len(masks) > 0:
            y = torch.scaled_dot_product_attention(q, k, v, masks[@PICK@], 0., False, scale=@FACTOR@, enable_gqa=@GQA@)
          else:
            y = torch.scaled_dot_product_attention(q, k, v, None, 0., torch.size(q, 2) > 1, scale=@FACTOR@, enable_gqa=@GQA@)
      """;

  private static final String MANUAL_MIX =
      """
          y = torch.matmul(torch.type_as((self).weigh(q, k, masks[@PICK@]), v), (self).spread(v))
      """;

  private final ModelConfig config;
  private final Attention attention;
  private final WeightLayout layout;
  private final Text text;

  AttentionSource(ModelConfig config, WeightLayout layout) {
    this.config = config;
    this.attention = config.attention();
    this.layout = layout;
    this.text = new Text(layout);
  }

  String text() {
    boolean grouped = config.heads() != config.kvHeads();
    boolean usual = attention.scale() == 1 / Math.sqrt(config.headDim());
    return (POSITIONS + MIXING)
        .replace("@ROTATE@\n", rotation())
        .replace("@ANGLES@\n", angles())
        .replace("@QKV@\n", projections())
        .replace("@MIX@\n", attention.softCap() > 0 ? MANUAL_MIX : FUSED_MIX)
        .replace(
            "@CAP@",
            Text.when(
                attention.softCap() > 0,
                "s = torch.mul(torch.tanh(torch.div(s, @C@)), @C@)"
                    .replace("@C@", Text.number(attention.softCap()))))
        .replace("@EXPLICIT@", explicit())
        .replace("@NEAR@", near())
        .replace("@PICK@", pick())
        .replace("@SCALE@", Text.number(attention.scale()))
        .replace("@FACTOR@", usual ? "None" : Text.number(attention.scale()))
        .replace(
            "@SPREAD@",
            grouped
                ? "torch.repeat_interleave(x, " + config.heads() / config.kvHeads() + ", 1)"
                : "x")
        .replace("@GQA@", grouped ? "True" : "False")
        .replace("@DIM@", Integer.toString(config.headDim()))
        .replace("@WIDTH@", Integer.toString(config.heads() * config.headDim()));
  }

  private String rotation() {
    int width = config.rope().width();
    if (config.rope().learned()) {
      return "    return x\n";
    }
    boolean whole = width == config.headDim();
    String half = Integer.toString(width / 2);
    return Text.when(!whole, "r = torch.slice(x, -1, 0, " + width + ")")
        + """
              a = torch.slice(@X@, -1, 0, @HALF@)
              b = torch.slice(@X@, -1, @HALF@)
              y = torch.add(torch.mul(@X@, turn[0]), torch.mul(torch.cat([torch.neg(b), a], -1), turn[1]))
          """
            .replace("@X@", whole ? "x" : "r")
            .replace("@HALF@", half)
        + Text.when(!whole, "y = torch.cat([y, torch.slice(x, -1, " + width + ")], -1)")
        + "    return y\n";
  }

  private String angles() {
    Rope rope = config.rope();
    if (rope.learned()) {
      return "    return [pos, pos]\n";
    }
    String factor = Text.number(rope.scaling().magnitude());
    String turn =
        rope.scaling().magnitude() == 1
            ? "[torch.cos(a), torch.sin(a)]"
            : "[torch.mul(torch.cos(a), @), torch.mul(torch.sin(a), @)]".replace("@", factor);
    return Text.when(true, "f = torch.mul(torch.unsqueeze(torch.to(pos, 6), -1), self.c[0])")
        + Text.when(true, "a = torch.unsqueeze(torch.cat([f, f], -1), 1)")
        + Text.when(true, "return " + turn);
  }

  private String projections() {
    String queries = Integer.toString(config.heads() * config.headDim());
    String keys = Integer.toString((config.heads() + config.kvHeads()) * config.headDim());
    String split =
        switch (attention.layout()) {
          case SEPARATE ->
              Text.when(true, "q = (self).heads(@Q@, @HEADS@)")
                  + Text.when(true, "k = (self).heads(@K@, @KVHEADS@)")
                  + Text.when(true, "v = (self).heads(@V@, @KVHEADS@)");
          case STACKED ->
              Text.when(true, "f = @QKV@")
                  + Text.when(true, "q = (self).heads(torch.slice(f, -1, 0, @K0@), @HEADS@)")
                  + Text.when(true, "k = (self).heads(torch.slice(f, -1, @K0@, @V0@), @KVHEADS@)")
                  + Text.when(true, "v = (self).heads(torch.slice(f, -1, @V0@), @KVHEADS@)");
          case INTERLEAVED ->
              Text.when(true, "f = @QKV@")
                  + Text.when(
                      true,
                      "f1 = torch.view(f, [torch.size(f, 0), torch.size(f, 1), @HEADS@, 3 * @DIM@])")
                  + Text.when(true, "f2 = torch.transpose(f1, 1, 2)")
                  + Text.when(true, "q = torch.slice(f2, -1, 0, @DIM@)")
                  + Text.when(true, "k = torch.slice(f2, -1, @DIM@, 2 * @DIM@)")
                  + Text.when(true, "v = torch.slice(f2, -1, 2 * @DIM@)");
        };
    boolean separate = attention.layout() == Attention.Layout.SEPARATE;
    String filled =
        separate
            ? split
                .replace("@Q@", text.product("h", Role.QUERY, Role.QUERY_BIAS))
                .replace("@K@", text.product("h", Role.KEY, Role.KEY_BIAS))
                .replace("@V@", text.product("h", Role.VALUE, Role.VALUE_BIAS))
            : split.replace("@QKV@", text.product("h", Role.QKV, Role.QKV_BIAS));
    boolean norms = attention.headNorms();
    boolean turn = !config.rope().learned();
    return Text.when(true, "h = " + text.norm("x", Role.ATTENTION_NORM))
        + filled
            .replace("@K0@", queries)
            .replace("@V0@", keys)
            .replace("@HEADS@", Integer.toString(config.heads()))
            .replace("@KVHEADS@", Integer.toString(config.kvHeads()))
        + (norms ? Text.when(true, "q = " + text.norm("q", Role.QUERY_NORM)) : "")
        + (norms ? Text.when(true, "k = " + text.norm("k", Role.KEY_NORM)) : "")
        + Text.when(turn, "q = (self).rotate(q, turn)")
        + Text.when(turn, "k = (self).rotate(k, turn)");
  }

  /** When masks must be tensors: asked for, a capped score, or a window that matters. */
  private String explicit() {
    if (attention.softCap() > 0) {
      return "True";
    }
    return attention.window() > 0 ? "explicit or T > " + attention.window() : "explicit";
  }

  private String near() {
    return attention.window() > 0
        ? "torch.logical_and(full, torch.lt(ago, " + attention.window() + "))"
        : "full";
  }

  /** Index of a layer's mask. */
  String pick() {
    long limited = attention.windows().stream().filter(w -> w > 0).count();
    if (limited == 0 || limited == config.layers()) {
      return limited == 0 ? "0" : "1";
    }
    return attention.windows().stream()
        .map(w -> w > 0 ? "1" : "0")
        .collect(Collectors.joining(", ", "[", "][i]"));
  }
}
