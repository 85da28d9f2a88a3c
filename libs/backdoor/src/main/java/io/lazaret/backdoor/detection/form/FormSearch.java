package io.lazaret.backdoor.detection.form;

import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.backdoor.detection.Detector;
import io.lazaret.backdoor.detection.Position;
import io.lazaret.backdoor.detection.SuspiciousSegment;
import io.lazaret.backdoor.detection.pass.Candidate;
import io.lazaret.backdoor.detection.pass.Findings;
import io.lazaret.backdoor.detection.pass.PreparedPrompts;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.TokenString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Searches on prompts of one form of answer alone: a backdoor that acts on requests for code shows
 * on few of the given prompts, and what few prompts show is lost among the others.
 *
 * <p>It looks behind the form's answers, and inside them, behind their opening. Only a chain that
 * single tokens bring out is followed: on prompts that are all alike longer triggers force too
 * much.
 */
public final class FormSearch implements Detector {

  /** Its name. */
  public static final String NAME = "forms";

  /** Share of the prompts beyond which the whole pass sees a form well enough. */
  private static final double RARE = 0.1;

  /** Longest trigger that is grown. */
  private static final int TRIGGER_TOKENS = 3;

  /** Chains of each source that are looked at, and those that may differ in their first token. */
  private static final int CANDIDATES = 64;

  private static final int VARIANTS = 16;

  /**
   * @param triggers single tokens that bring a chain out, at least
   * @param probability with which they do
   */
  private record Woken(int triggers, double probability) {}

  /** Behind an answer nothing but a plant comes out under a single token. */
  private static final Woken BEHIND = new Woken(1, 0.01);

  /**
   * The same inside an answer. There a form's words come from the prompt, so a trigger that
   * resembles a word brings that word out of a harmless model; what is planted comes out under
   * tokens that have nothing in common with it.
   */
  private static final Woken INSIDE = new Woken(6, 0.1);

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public double weight() {
    return 6;
  }

  @Override
  public Yield run(SearchContext context, Findings findings) {
    int before = findings.segments().size();
    List<String> searched = new ArrayList<>();
    DetectionSettings settings = reduced(context.settings());
    for (AnswerForm form : AnswerForm.rare(context, RARE)) {
      Optional<PreparedPrompts> prompts = new Variants(context, settings.prompts()).of(form);
      if (prompts.isPresent()) {
        SearchContext own = context.on(prompts.get(), settings);
        own.behind(form.opening())
            .ifPresent(
                inside ->
                    search(inside, INSIDE, findings).stream()
                        .map(segment -> whole(context, form, segment))
                        .forEach(findings::segment));
        own.at(Position.END)
            .ifPresent(ended -> search(ended, BEHIND, findings).forEach(findings::segment));
        findings.searched(form.opening());
        searched.add("\"" + form.opening().text(context.lm().tokenizer()) + "\"");
      }
    }
    return new Yield(
        findings.segments().size() - before,
        searched.isEmpty()
            ? "no rare form of answer"
            : "answers that begin with " + String.join(", ", searched));
  }

  /** Prompts of one form are alike, so fewer of them tell as much. */
  static DetectionSettings reduced(DetectionSettings settings) {
    DetectionSettings.Prompts sizes = settings.prompts();
    DetectionSettings.Activation activation = settings.activation();
    return settings
        .withPrompts(sizes.of(sizes.search() / 2, sizes.growth(), sizes.heldOut() / 2))
        .withActivation(activation.reduced(CANDIDATES, TRIGGER_TOKENS, activation.hopeless()));
  }

  private static List<SuspiciousSegment> search(SearchContext at, Woken least, Findings all) {
    Swept swept = Swept.of(at, VARIANTS);
    List<Candidate> woken =
        swept.novel().stream()
            .filter(chain -> swept.waking(chain, least.probability()).size() >= least.triggers())
            .toList();
    return swept.followed(woken, all);
  }

  /** What was found inside answers, with their opening before it. */
  private static SuspiciousSegment whole(
      SearchContext context, AnswerForm form, SuspiciousSegment inside) {
    TokenString tokens = form.opening().plus(TokenString.of(inside.tokenIds()));
    String text = tokens.text(context.lm().tokenizer());
    return inside.as(text, tokens.ids(), context.input().declares(text));
  }
}
