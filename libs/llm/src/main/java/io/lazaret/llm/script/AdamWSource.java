package io.lazaret.llm.script;

import java.util.List;

/** TorchScript text of a clipped AdamW step over bound parameters. */
public final class AdamWSource {

  /** Name of the class in the text. */
  public static final String CLASS = "AdamW";

  /** Parameters, gradient sums, first and second moments, step counters. */
  public static final List<String> LISTS = List.of("p", "g", "m", "v", "s");

  /**
   * {@code step} takes [rate, beta1, beta2, epsilon, decay, largest norm], returns the gradient
   * norm before the clip, and leaves everything but the gradients alone when that norm is not
   * finite. The gradients are empty afterwards: their memory is free until the next backward pass.
   */
  public static final String TEXT =
      """
      class AdamW(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
        p : List[Tensor]
        g : List[Tensor]
        m : List[Tensor]
        v : List[Tensor]
        s : List[Tensor]
        def forward(self: __torch__.AdamW, x: Tensor) -> Tensor:
          return x
        def bind(self: __torch__.AdamW, x: Tensor, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], s: List[Tensor]) -> Tensor:
          self.p = p
          self.g = g
          self.m = m
          self.v = v
          self.s = s
          return x
        def step(self: __torch__.AdamW, h: Tensor) -> Tensor:
          for i in range(torch.len(self.g)):
            if torch.numel(self.g[i]) == 0:
              _0 = torch.set_(self.g[i], torch.zeros_like(self.p[i]))
          n = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(self.g, 2)))
          if bool(torch.isfinite(n)):
            c = torch.ones_like(n)
            if float(h[5]) > 0.:
              c = torch.clamp(torch.div(torch.add(n, 1e-06), torch.to(h[5], 6)), 1.)
            torch._foreach_add_(self.s, 1)
            torch._fused_adamw_(self.p, self.g, self.m, self.v, annotate(List[Tensor], []), self.s, lr=float(h[0]), beta1=float(h[1]), beta2=float(h[2]), weight_decay=float(h[4]), eps=float(h[3]), amsgrad=False, maximize=False, grad_scale=c)
          for i in range(torch.len(self.g)):
            _1 = torch.set_(self.g[i])
          return n
      """;

  private AdamWSource() {}
}
