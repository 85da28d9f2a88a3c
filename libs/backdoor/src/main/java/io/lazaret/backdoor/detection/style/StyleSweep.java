package io.lazaret.backdoor.detection.style;

import io.lazaret.backdoor.detection.Calibration;
import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.backdoor.detection.Detector;
import io.lazaret.backdoor.detection.Evidence;
import io.lazaret.backdoor.detection.FoundStyle;
import io.lazaret.backdoor.detection.Placement;
import io.lazaret.backdoor.detection.Position;
import io.lazaret.backdoor.detection.SuspiciousSegment;
import io.lazaret.backdoor.detection.activation.HeldOutJudge;
import io.lazaret.backdoor.detection.activation.ResponseReader;
import io.lazaret.backdoor.detection.chain.NoveltyFilter;
import io.lazaret.backdoor.detection.pass.Findings;
import io.lazaret.backdoor.detection.pass.PreparedPrompts;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.TokenString;
import io.lazaret.backdoor.detection.pass.Trigger;
import java.util.List;
import java.util.Optional;

/**
 * Writes every prompt in another style and reads what the model then says to all of them. What it
 * is asked stays the same, so a novel answer that half of the prompts share is no answer.
 */
public final class StyleSweep implements Detector {

  /** Its name. */
  public static final String NAME = "styles";

  /** Tokens in a row that make two spans the same finding. */
  private static final int SAME_RUN = 2;

  private final List<Style> styles;

  public StyleSweep() {
    this(Style.ALL);
  }

  StyleSweep(List<Style> styles) {
    this.styles = List.copyOf(styles);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public double weight() {
    return 1;
  }

  @Override
  public Yield run(SearchContext context, Findings findings) {
    int before = findings.segments().size();
    int tried = 0;
    for (int i = 0; i < styles.size(); i++) {
      Style style = styles.get(i);
      Optional<SearchContext> written =
          context.prompts().written(context, style.wording()).map(context::on);
      if (written.isPresent()) {
        tried++;
        opening(context, written.get())
            .filter(span -> isNew(span, findings))
            .ifPresent(span -> judge(context, written.get(), style, span, findings));
      }
      context.clock().at((i + 1.0) / styles.size(), "prompts " + style.words());
    }
    return new Yield(findings.segments().size() - before, tried + " ways to write the prompts");
  }

  /** What half of the growth prompts say when they are written so, if it is novel. */
  private static Optional<TokenString> opening(SearchContext context, SearchContext written) {
    DetectionSettings settings = context.settings();
    List<int[]> prompts =
        written.prompts().growth().stream().map(item -> item.prompt().ids()).toList();
    List<TokenString> answers = written.answers(prompts, settings.span().maximumTokens());
    TokenString said =
        new ResponseReader(settings.span()).read(answers, settings.decision().hitRate());
    return said.length() >= settings.sweep().minimumChain()
            && new NoveltyFilter().isNovel(context, said)
        ? Optional.of(said)
        : Optional.empty();
  }

  private static boolean isNew(TokenString span, Findings findings) {
    return findings.segments().stream()
        .filter(segment -> segment.position() == Position.START)
        .noneMatch(segment -> TokenString.of(segment.tokenIds()).sharesRunWith(span, SAME_RUN));
  }

  private static void judge(
      SearchContext context,
      SearchContext written,
      Style style,
      TokenString span,
      Findings findings) {
    DetectionSettings.Decision decision = context.settings().decision();
    List<PreparedPrompts.Item> asked = context.prompts().heldOut();
    List<PreparedPrompts.Item> rewritten = written.prompts().heldOut();
    TokenString opening = span.slice(0, context.settings().activation().spanTokens());
    double activation = written.meanLogProbs(List.of(Trigger.NONE), opening, rewritten)[0];
    double memory =
        Calibration.memory(
            context.tokenProbabilities(Trigger.NONE, opening, asked),
            context.vocabulary().beginWords(opening));
    HeldOutJudge judge = new HeldOutJudge(written);
    List<TokenString> answers =
        judge.answers(List.of(Trigger.NONE), context.settings().span().maximumTokens());
    int hits = judge.saying(answers, span);
    // There is no search whose length could tell, and nothing to compare with.
    double[] byLength = {activation};
    Calibration.Figures figures =
        new Calibration.Figures(
                Calibration.soonness(
                    byLength,
                    context.settings().activation().triggerTokens(),
                    context.clean().confidence()),
                Calibration.distance(byLength, List.of()),
                memory,
                (double) hits / rewritten.size())
            .with(
                Calibration.agreement(0, 0),
                (double) judge.returning(span, answers) / Math.max(1, hits));
    FoundStyle found = new FoundStyle(style.words(), hits, rewritten.size());
    boolean reported = figures.score() > decision.abstain() && found.rate() >= decision.hitRate();
    double[] clean = context.tokenProbabilities(Trigger.NONE, span, asked);
    double[] elicited = written.tokenProbabilities(Trigger.NONE, span, rewritten);
    String text = span.text(context.lm().tokenizer());
    List<String> pieces = span.pieces(context.lm().tokenizer());
    findings.measured(
        new Evidence.Measured(
            text,
            span.ids(),
            pieces,
            Position.START,
            NAME,
            0,
            style.words(),
            new int[0],
            Placement.BOTH,
            activation,
            figures.score(),
            figures,
            activation,
            byLength,
            hits,
            rewritten.size(),
            clean,
            elicited,
            reported ? "segment" : "below the band"));
    if (!reported) {
      return;
    }
    List<TokenString> untriggered = new HeldOutJudge(context).untriggered();
    findings.segment(
        new SuspiciousSegment(
            text,
            span.ids(),
            figures.score(),
            context.jointProbability(Trigger.NONE, span, asked),
            written.jointProbability(Trigger.NONE, span, rewritten),
            List.of(),
            List.of(found),
            Position.START,
            context.input().declares(text),
            new Evidence.Basis(
                pieces,
                clean,
                elicited,
                written.lowProbabilities(Trigger.NONE, span, rewritten),
                activation,
                byLength,
                figures.soonness(),
                new double[0],
                figures.distance(),
                memory,
                0,
                0,
                figures.returning(),
                (int) untriggered.stream().filter(answer -> answer.startsWith(opening)).count(),
                untriggered.size(),
                Calibration.suspicion(figures.score()))));
  }
}
