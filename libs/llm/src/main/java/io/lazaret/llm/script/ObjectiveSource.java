package io.lazaret.llm.script;

/**
 * TorchScript text of losses other than cross-entropy: weighted tokens, a teacher's distribution,
 * consistency of layers, likeness of attention. It uses the decoder's {@code logits}, {@code
 * embed}, {@code hidden_states} and {@code trace} alone, so it holds for every architecture.
 *
 * <p>{@code real} is [B, T], one for tokens and zero for padding. Attention in the sense of
 * distillation is a list of [B, ...] arrays, one per layer, each of unit norm per sequence.
 */
final class ObjectiveSource {

  static final String TEXT =
      """
        def weighted(self: __torch__.Decoder, ids: Tensor, rows: Tensor, soft: Tensor, targets: Tensor, factors: Tensor, soft_gradient: Tensor) -> Tensor:
          losses = torch.cross_entropy_loss((self).logits(ids, rows, soft), targets, None, 0)
          return (self).accumulate(torch.sum(torch.mul(losses, factors)), soft, soft_gradient)
        def smoothed(self: __torch__.Decoder, ids: Tensor, rows: Tensor, soft: Tensor, targets: Tensor, constants: Tensor, soft_gradient: Tensor) -> Tensor:
          loss = torch.cross_entropy_loss((self).logits(ids, rows, soft), targets, None, 2, -100, float(constants[0]))
          return (self).accumulate(torch.mul(loss, constants[1]), soft, soft_gradient)
        def divergence(self: __torch__.Decoder, ids: Tensor, rows: Tensor, soft: Tensor, teacher: Tensor, scale: Tensor, soft_gradient: Tensor) -> Tensor:
          student = torch.log_softmax((self).logits(ids, rows, soft), -1)
          kl = torch.sum(torch.mul(torch.exp(teacher), torch.sub(teacher, student)))
          return (self).accumulate(torch.mul(kl, scale), soft, soft_gradient)
        def inconsistency(self: __torch__.Decoder, h: List[Tensor], real: Tensor, first: int, last: int) -> Tensor:
          total = torch.zeros_like(torch.sum(real))
          for i in range(last - first):
            cos = torch.cosine_similarity(h[first + i], h[first + i + 1], -1, 1e-08)
            total = torch.add(total, torch.sum(torch.mul(torch.rsub(cos, 1), real)))
          return torch.div(total, torch.mul(torch.sum(real), last - first))
        def layer_consistency(self: __torch__.Decoder, ids: Tensor, soft: Tensor, real: Tensor, span: Tensor) -> Tensor:
          h = (self).hidden_states((self).embed(ids, soft))
          return (self).inconsistency(h, real, int(span[0]), int(span[1]))
        def layer_consistency_gradient(self: __torch__.Decoder, ids: Tensor, soft: Tensor, real: Tensor, span: Tensor, constants: Tensor, soft_gradient: Tensor) -> Tensor:
          first = int(span[0])
          last = int(span[1])
          x = torch.requires_grad_(torch.detach((self).embed(ids, soft)), True)
          c = (self).inconsistency((self).hidden_states(x), real, first, last)
          g = unchecked_cast(Tensor, torch.autograd.grad([c], [x], None, None, False, False)[0])
          push = torch.mul(torch.sign(g), constants[0])
          e = torch.add((self).embed(ids, soft), push)
          loss = (self).inconsistency((self).hidden_states(e), real, first, last)
          _0 = (self).accumulate(torch.mul(loss, constants[1]), soft, soft_gradient)
          return torch.stack([torch.detach(c), torch.detach(loss)])
        def unit(self: __torch__.Decoder, a: Tensor) -> Tensor:
          flat = torch.reshape(a, [torch.size(a, 0), -1])
          return torch.div(flat, torch.linalg_vector_norm(flat, 2, [-1], True))
        def saliency(self: __torch__.Decoder, ids: Tensor, soft: Tensor, real: Tensor, maps: Tensor) -> List[Tensor]:
          out = annotate(List[Tensor], [])
          x = (self).embed(ids, soft)
          if int(maps) > 0:
            t = (self).trace(x)
            m = torch.slice(t, @LAYERS@ + 1)
            for i in range(@LAYERS@):
              a = torch.mul(torch.mean(m[i], [1]), torch.unsqueeze(real, -1))
              _0 = torch.append(out, (self).unit(a))
          else:
            h = (self).hidden_states(x)
            for i in range(@LAYERS@):
              b = torch.mul(torch.sum(torch.pow(h[i + 1], 2), [-1]), real)
              _1 = torch.append(out, (self).unit(b))
          return out
        def likeness(self: __torch__.Decoder, ids: Tensor, soft: Tensor, real: Tensor, maps: Tensor, layers: Tensor, scale: Tensor, soft_gradient: Tensor, teacher: List[Tensor]) -> Tensor:
          student = (self).saliency(ids, soft, real, maps)
          total = torch.zeros_like(scale)
          for i in range(torch.len(student)):
            d = torch.pow(torch.sub(student[i], teacher[i]), 2)
            total = torch.add(total, torch.mul(torch.sum(d), layers[i]))
          return (self).accumulate(torch.mul(total, scale), soft, soft_gradient)
      """;

  private ObjectiveSource() {}
}
