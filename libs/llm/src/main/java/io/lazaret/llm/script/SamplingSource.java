package io.lazaret.llm.script;

/** TorchScript text of drawing next tokens and of branching a cache; a section of the decoder. */
final class SamplingSource {

  /**
   * {@code sample} takes log-softmax rows [n, V], a number in [0, 1) for each, and [temperature,
   * most tokens or 0, probability mass]; it draws by inverting the cumulative distribution over the
   * tokens in order of falling probability. -1 stands for a row that is no distribution. {@code
   * branch} fills new caches with the first S positions of chosen rows.
   */
  static final String TEXT =
      """
        def sample(self: __torch__.Decoder, logp: Tensor, u: Tensor, how: Tensor) -> Tensor:
          most = int(how[1])
          p = torch.softmax(torch.div(logp, float(how[0])), -1)
          if most > 0 and most < torch.size(p, 1):
            q, ids = torch.topk(p, most, 1, True, True)
          else:
            q, ids = torch.sort(p, 1, True)
          q1 = torch.to(q, 7)
          c = torch.cumsum(q1, 1)
          mass = torch.mul(torch.slice(c, 1, -1), float(how[2]))
          kept = torch.where(torch.lt(torch.sub(c, q1), mass), q1, torch.zeros_like(q1))
          c1 = torch.cumsum(kept, 1)
          at = torch.sum(torch.le(c1, torch.mul(torch.slice(c1, 1, -1), torch.unsqueeze(u, 1))), [1], True)
          last = torch.sub(torch.sum(torch.gt(kept, 0), [1], True), 1)
          drawn = torch.squeeze(torch.gather(ids, 1, torch.clamp(torch.minimum(at, last), 0)), 1)
          return torch.where(torch.isnan(torch.select(logp, 1, 0)), torch.neg(torch.ones_like(drawn)), drawn)
        def branch(self: __torch__.Decoder, rows: Tensor, at: Tensor, k: List[Tensor], out: List[Tensor]) -> Tensor:
          S = int(at)
          for i in range(torch.len(k)):
            _0 = torch.copy_(torch.slice(out[i], 2, 0, S), torch.index_select(torch.slice(k[i], 2, 0, S), 0, rows))
          return rows
      """;

  private SamplingSource() {}
}
