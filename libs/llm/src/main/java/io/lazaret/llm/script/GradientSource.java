package io.lazaret.llm.script;

import java.util.List;

/** TorchScript text of a gradient sum whose memory comes and goes: empty stands for zeros. */
public final class GradientSource {

  /** Name of the class in the text. */
  public static final String CLASS = "Gradient";

  /** Nothing is bound. */
  public static final List<String> LISTS = List.of();

  /** {@code add} adds {@code d} to the sum {@code g}; an empty sum becomes a copy of it. */
  public static final String TEXT =
      """
      class Gradient(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
        def forward(self: __torch__.Gradient, x: Tensor) -> Tensor:
          return x
        def add(self: __torch__.Gradient, d: Tensor, g: Tensor) -> Tensor:
          if torch.numel(g) == 0:
            _0 = torch.set_(g, torch.clone(d))
          else:
            _1 = torch.add_(g, d)
          return g
      """;

  private GradientSource() {}
}
