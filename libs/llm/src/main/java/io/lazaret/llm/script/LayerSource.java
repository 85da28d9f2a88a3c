package io.lazaret.llm.script;

import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.arch.Activation;
import io.lazaret.llm.files.Role;
import io.lazaret.llm.files.WeightLayout;

/** TorchScript text of norms and of everything in a layer but attention. */
final class LayerSource {

  private static final String TEXT =
      """
        def norm(self: __torch__.Decoder, z: Tensor, at: int) -> Tensor:
          x = torch.to(z, 6)
      @NORM@
        def inner(self: __torch__.Decoder, i: int, h: Tensor) -> Tensor:
          o = @FIRST@ + i * @STRIDE@
      @INNER@
          return @DOWN@
        def feed(self: __torch__.Decoder, i: int, x: Tensor, y: Tensor) -> Tensor:
          o = @FIRST@ + i * @STRIDE@
          a = @OUTPUT@
      @AFTER_ATTENTION@    x1 = torch.add(x, a)
          m = (self).inner(i, @FEED_NORM@)
      @AFTER_FEED@    return torch.add(x1, m)
      """;

  private static final String RMS =
      """
          v = torch.mean(torch.pow(x, 2), [-1], True)
          return torch.mul(torch.mul(x, torch.rsqrt(torch.add(v, @EPS@))), @FACTOR@)
      """;

  private static final String LAYER =
      """
          return torch.layer_norm(x, [@HIDDEN@], self.w[at], self.w[at + 1], @EPS@)
      """;

  private final ModelConfig config;
  private final Text text;

  LayerSource(ModelConfig config, WeightLayout layout) {
    this.config = config;
    this.text = new Text(layout);
  }

  String text() {
    boolean sandwich = config.norm().sandwich();
    String before = config.feedForward().parallel() ? "x" : "x1";
    return TEXT.replace("@NORM@\n", norm())
        .replace("@INNER@\n", inner())
        .replace("@DOWN@", text.product("m", Role.DOWN, Role.DOWN_BIAS))
        .replace("@OUTPUT@", text.product("y", Role.OUTPUT, Role.OUTPUT_BIAS))
        .replace("@FEED_NORM@", text.norm(before, Role.FEED_NORM))
        .replace(
            "@AFTER_ATTENTION@",
            sandwich ? Text.when(true, "a = " + text.norm("a", Role.AFTER_ATTENTION_NORM)) : "")
        .replace(
            "@AFTER_FEED@",
            sandwich ? Text.when(true, "m = " + text.norm("m", Role.AFTER_FEED_NORM)) : "");
  }

  private String norm() {
    String formula =
        switch (config.norm().kind()) {
          case RMS -> RMS.replace("@FACTOR@", "self.w[at]");
          case RMS_PLUS_ONE -> RMS.replace("@FACTOR@", "torch.add(self.w[at], 1)");
          case LAYER -> LAYER.replace("@HIDDEN@", Integer.toString(config.hiddenSize()));
        };
    return formula.replace("@EPS@", Text.number(config.norm().eps()));
  }

  private String inner() {
    String width = Integer.toString(config.intermediateSize());
    return switch (config.feedForward().gate()) {
      case NONE -> Text.when(true, "m = " + activated(text.product("h", Role.UP, Role.UP_BIAS)));
      case SEPARATE ->
          Text.when(
              true,
              "m = torch.mul("
                  + activated(text.product("h", Role.GATE, Role.GATE_BIAS))
                  + ", "
                  + text.product("h", Role.UP, Role.UP_BIAS)
                  + ")");
      case STACKED ->
          Text.when(true, "f = (self).linear(h, " + text.at(Role.GATE_UP) + ")")
              + Text.when(
                  true,
                  "m = torch.mul("
                      + activated("torch.slice(f, -1, 0, " + width + ")")
                      + ", torch.slice(f, -1, "
                      + width
                      + "))");
    };
  }

  private String activated(String x) {
    Activation activation = config.feedForward().activation();
    return switch (activation) {
      case SILU -> "torch.silu(" + x + ")";
      case GELU -> "torch.gelu(" + x + ")";
      case GELU_TANH -> "torch.gelu(" + x + ", approximate=\"tanh\")";
      case RELU -> "torch.relu(" + x + ")";
    };
  }
}
