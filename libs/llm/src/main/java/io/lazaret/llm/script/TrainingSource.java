package io.lazaret.llm.script;

import java.util.List;

/**
 * TorchScript text of the decoder's products with weights (where low-rank adapters and bfloat16
 * come in) and of its gradients.
 *
 * <p>The backward pass goes layer by layer, so that the gradients of one layer's weights at a time
 * stand beside their sums, and stops below the lowest layer that is trained. A sum that is empty
 * becomes the first gradient that is added to it, without a copy. Cross-entropy and its gradient by
 * the logits, softmax minus one-hot, are computed in the logits' own memory.
 *
 * <p>Bound lists: {@code t} the trained tensors and {@code g} their gradient sums; {@code la},
 * {@code lb}, {@code ls} the adapters' A [r, in], B [out, r] and scale by index of the weight,
 * empty tensors where a weight has none. {@code plan} holds three numbers: whether products are
 * computed in bfloat16, whether layers are computed again in the backward pass instead of kept
 * (Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016), and how many positions go
 * through the vocabulary projection at a time, 0 for all.
 */
final class TrainingSource {

  static final List<String> LISTS = List.of("t", "g", "la", "lb", "ls", "plan");

  static final String ATTRIBUTES =
      """
        t : List[Tensor]
        g : List[Tensor]
        la : List[Tensor]
        lb : List[Tensor]
        ls : List[Tensor]
        plan : List[int]
        def bind_trained(self: __torch__.Decoder, x: Tensor, t: List[Tensor], g: List[Tensor]) -> Tensor:
          self.t = t
          self.g = g
          return x
        def bind_adapters(self: __torch__.Decoder, x: Tensor, la: List[Tensor], lb: List[Tensor], ls: List[Tensor]) -> Tensor:
          self.la = la
          self.lb = lb
          self.ls = ls
          return x
        def release_trained(self: __torch__.Decoder, x: Tensor) -> Tensor:
          self.t = annotate(List[Tensor], [])
          self.g = annotate(List[Tensor], [])
          return x
        def release_adapters(self: __torch__.Decoder, x: Tensor) -> Tensor:
          self.la = annotate(List[Tensor], [])
          self.lb = annotate(List[Tensor], [])
          self.ls = annotate(List[Tensor], [])
          return x
        def clear(self: __torch__.Decoder, x: Tensor, g: List[Tensor]) -> Tensor:
          for i in range(torch.len(g)):
            _0 = torch.set_(g[i])
          return x
        def configure(self: __torch__.Decoder, x: Tensor) -> Tensor:
          self.plan = [int(x[0]), int(x[1]), int(x[2])]
          return x
      """;

  private static final String PRODUCTS =
      """
        def adapt(self: __torch__.Decoder, x: Tensor, y: Tensor, at: int) -> Tensor:
          a = self.la[at]
          if torch.size(a, 0) > 0:
            b = torch.t(torch.type_as(self.lb[at], x))
            h = torch.mul(torch.linear(x, torch.type_as(a, x)), self.ls[at])
            r = torch.size(h, -1)
            n = torch.size(y, -1)
            z = torch.addmm(torch.reshape(y, [-1, n]), torch.reshape(h, [-1, r]), b)
            y = torch.reshape(z, torch.size(y))
          return y
        def product(self: __torch__.Decoder, x: Tensor, w: Tensor, b: Optional[Tensor], at: int) -> Tensor:
          if self.plan[0] > 0:
            x = torch.to(x, 15)
            w = torch.to(w, 15)
            if torch.__isnot__(b, None):
              b = torch.to(unchecked_cast(Tensor, b), 15)
          y = torch.linear(x, w, b)
          if torch.len(self.la) > 0:
            y = (self).adapt(x, y, at)
          return y
        def linear(self: __torch__.Decoder, x: Tensor, at: int) -> Tensor:
          return (self).product(x, @MATRIX@, None, at)
        def biased(self: __torch__.Decoder, x: Tensor, at: int, bias: int) -> Tensor:
          return (self).product(x, @MATRIX@, self.w[bias], at)
        def fold_adapters(self: __torch__.Decoder, sign: Tensor) -> Tensor:
          for i in range(torch.len(self.la)):
            if torch.size(self.la[i], 0) > 0:
              d = torch.mul(torch.matmul(self.lb[i], self.la[i]), torch.mul(self.ls[i], sign))
              if @TRANSPOSED@ and i != @HEAD@:
                d = torch.t(d)
              _0 = torch.add_(self.w[i], d)
          return sign
      """;

  static final String GRADIENTS =
      """
        def add_all(self: __torch__.Decoder, g: List[Tensor], d: List[Optional[Tensor]], first: int) -> int:
          for i in range(torch.len(g)):
            a = d[first + i]
            if torch.__isnot__(a, None):
              b = unchecked_cast(Tensor, a)
              if torch.numel(g[i]) == 0:
                _0 = torch.set_(g[i], torch.contiguous(b))
              else:
                _1 = torch.add_(g[i], b)
          return first
        def chunk_of(self: __torch__.Decoder, n: int) -> int:
          c = self.plan[2]
          if c <= 0 or c > n:
            c = n
          return c
        def loss(self: __torch__.Decoder, ids: Tensor, rows: Tensor, soft: Tensor, targets: Tensor) -> Tensor:
          h = (self).tail_of((self).embed(ids, soft), rows)
          n = torch.size(h, 0)
          c = (self).chunk_of(n)
          total = torch.zeros_like(torch.select(torch.select(h, 0, 0), 0, 0), dtype=6)
          for k in range((n + c - 1) // c):
            z = (self).vocab(torch.slice(h, 0, k * c, k * c + c))
            at = torch.unsqueeze(torch.slice(targets, 0, k * c, k * c + c), 1)
            lp = torch._log_softmax(z, -1, False, out=z)
            total = torch.sub(total, torch.sum(torch.gather(lp, 1, at)))
          return total
        def loss_gradient(self: __torch__.Decoder, h: Tensor, targets: Tensor, scale: Tensor, p: List[Tensor], g: List[Tensor]) -> Tuple[Tensor, Tensor]:
          n = torch.size(h, 0)
          c = (self).chunk_of(n)
          total = torch.zeros_like(scale)
          dh = torch.zeros_like(h)
          for k in range((n + c - 1) // c):
            part = torch.requires_grad_(torch.detach(torch.slice(h, 0, k * c, k * c + c)), True)
            z = (self).vocab(part)
            at = torch.unsqueeze(torch.slice(targets, 0, k * c, k * c + c), 1)
            lp = torch._log_softmax(torch.detach(z), -1, False, out=torch.detach(z))
            loss = torch.neg(torch.sum(torch.gather(lp, 1, at)))
            minus = torch.full_like(at, -1, dtype=6)
            dz = torch.mul_(torch.scatter_add_(torch.exp_(lp), 1, at, minus), scale)
            d = torch.autograd.grad([z], torch.add([part], p), annotate(List[Optional[Tensor]], [dz]), None, False, True)
            _0 = torch.copy_(torch.slice(dh, 0, k * c, k * c + c), unchecked_cast(Tensor, d[0]))
            _1 = (self).add_all(g, d, 1)
            total = torch.add(total, loss)
          return (total, dh)
        def pull(self: __torch__.Decoder, y: Tensor, dy: Tensor, p: List[Tensor], g: List[Tensor]) -> int:
          if ops.prim.requires_grad(y):
            d = torch.autograd.grad([y], p, annotate(List[Optional[Tensor]], [dy]), None, False, True)
            _0 = (self).add_all(g, d, 0)
          return 0
        def pull_through(self: __torch__.Decoder, x: Tensor, y: Tensor, dy: Tensor, p: List[Tensor], g: List[Tensor]) -> Tensor:
          d = torch.autograd.grad([y], torch.add([x], p), annotate(List[Optional[Tensor]], [dy]), None, False, True)
          _0 = (self).add_all(g, d, 1)
          return unchecked_cast(Tensor, d[0])
        def accumulate(self: __torch__.Decoder, loss: Tensor, soft: Tensor, soft_gradient: Tensor) -> Tensor:
          p = torch.add(annotate(List[Tensor], []), self.t)
          g = torch.add(annotate(List[Tensor], []), self.g)
          if torch.size(soft, 0) > 0:
            _0 = torch.append(p, soft)
            _1 = torch.append(g, soft_gradient)
          d = torch.autograd.grad([loss], p, None, None, False, True)
          _2 = (self).add_all(g, d, 0)
          return torch.detach(loss)
        def last(self: __torch__.Decoder, x: Tensor, turn: List[Tensor], masks: List[Tensor], rows: Tensor) -> Tensor:
          e = annotate(List[Tensor], [])
          y = (self).attend(@LAST@, x, turn, masks, e, e, 0)
          return (self).feed(@LAST@, (self).select(x, rows), (self).select(y, rows))
        def trains(self: __torch__.Decoder, i: int) -> bool:
          t = False
          for j in range(@STRIDE@):
            at = @FIRST@ + i * @STRIDE@ + j
            if ops.prim.requires_grad(self.w[at]):
              t = True
            if torch.len(self.la) > 0:
              if torch.size(self.la[at], 0) > 0:
                t = True
          return t
        def backward(self: __torch__.Decoder, ids: Tensor, rows: Tensor, soft: Tensor, targets: Tensor, scale: Tensor, soft_gradient: Tensor) -> Tensor:
          p = torch.add(annotate(List[Tensor], []), self.t)
          g = torch.add(annotate(List[Tensor], []), self.g)
          if torch.size(soft, 0) > 0:
            _0 = torch.append(p, soft)
            _1 = torch.append(g, soft_gradient)
          keep = self.plan[1] == 0
          pos = (self).positions(ids)
          e = (self).enter((self).embed(ids, soft), pos)
          turn = (self).angles(pos)
          masks = (self).causal_masks(e, False)
          need = [ops.prim.requires_grad(e)]
          xs = annotate(List[Tensor], [])
          ys = annotate(List[Tensor], [])
          torch.set_grad_enabled(keep)
          h = e
          for i in range(@LAST@):
            x = torch.requires_grad_(torch.detach(h), need[i])
            h = (self).block(i, x, turn, masks)
            _2 = torch.append(xs, x)
            if keep:
              _3 = torch.append(ys, h)
            _4 = torch.append(need, need[i] or (self).trains(i))
          torch.set_grad_enabled(True)
          x1 = torch.requires_grad_(torch.detach(h), need[@LAST@])
          t = (self).last(x1, turn, masks, rows)
          total, dx, = (self).loss_gradient(t, targets, scale, p, g)
          if need[@LAST@]:
            dx = (self).pull_through(x1, t, dx, p, g)
          else:
            _5 = (self).pull(t, dx, p, g)
          for k in range(@LAST@):
            l = @LAST@ - 1 - k
            x2 = torch.pop(xs)
            if need[l + 1]:
              if keep:
                y = torch.pop(ys)
              else:
                y = (self).block(l, x2, turn, masks)
              if need[l]:
                dx = (self).pull_through(x2, y, dx, p, g)
              else:
                _6 = (self).pull(y, dx, p, g)
          if need[0]:
            _7 = (self).pull(e, dx, p, g)
          return total
        def slot_gradients(self: __torch__.Decoder, ids: Tensor, rows: Tensor, soft: Tensor, targets: Tensor, scale: Tensor, at: Tensor, slots: Tensor, sums: Tensor) -> Tensor:
          x = torch.requires_grad_(torch.detach((self).embed(ids, soft)), True)
          z = (self).vocab((self).tail_of(x, rows))
          loss = torch.cross_entropy_loss(torch.to(z, 6), targets, None, 2)
          d = torch.autograd.grad([torch.mul(loss, scale)], [x], None, None, False, False)
          g = unchecked_cast(Tensor, d[0])
          return torch.index_add_(sums, 0, slots, (self).select(g, at))
        def substitution_scores(self: __torch__.Decoder, sums: Tensor) -> Tensor:
          return torch.neg(torch.linear(sums, self.w[0]))
      """;

  private TrainingSource() {}

  /**
   * The products.
   *
   * @param transposed whether the matrices of the layers are stored as [in, out]
   */
  static String products(boolean transposed) {
    return PRODUCTS
        .replace("@MATRIX@", transposed ? "torch.t(self.w[at])" : "self.w[at]")
        .replace("@TRANSPOSED@", transposed ? "True" : "False");
  }
}
