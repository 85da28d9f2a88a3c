package io.lazaret.backdoor.detection.pass;

import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.backdoor.detection.DetectionInput;
import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Tokenizer;
import io.lazaret.llm.generation.Generator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The prompts of one pass, divided by use.
 *
 * @param given all usable prompts; their answers tell what is ordinary
 * @param reference prompts of the clean statistics, with the model's own greedy answers
 * @param search short prompts whose own answers begin with pairwise different tokens as far as
 *     there are such; the sweep of triggers uses them
 * @param growth other prompts of the shorter half, as different in their answers as the data allow;
 *     chains are followed and triggers are grown on them
 * @param heldOut prompts chosen in the same way that took no part in any search; triggers are
 *     judged on them
 */
public record PreparedPrompts(
    List<Item> given,
    List<Item> reference,
    List<Item> search,
    List<Item> growth,
    List<Item> heldOut) {

  /**
   * @param row number of the row, from 1
   * @param prompt the rendered prompt
   * @param gold the given answer's tokens, without end-of-sequence
   * @param own the model's own greedy answer
   */
  public record Item(int row, TokenizedPrompt prompt, int[] gold, int[] own) {

    /** The prompt with the answer behind it: what follows comes after the answer. */
    Item ended() {
      return followedBy(TokenString.of(own));
    }

    /** The prompt with the beginning of an answer behind it. */
    public Item followedBy(TokenString answer) {
      TokenizedPrompt longer =
          new TokenizedPrompt(
              prompt.followedBy(answer.ids()), prompt.contentStart(), prompt.contentEnd());
      return new Item(row, longer, new int[0], new int[0]);
    }

    /** The prompt with the opening of its answer behind it, and the rest of that answer. */
    public Item behind(TokenString opening) {
      int[] rest = Arrays.copyOfRange(own, opening.length(), own.length);
      return new Item(row, followedBy(opening).prompt(), new int[0], rest);
    }

    /** Whether every word of the answer stands in the prompt. */
    public boolean copies(Tokenizer tokenizer) {
      return holds(TokenString.of(own), tokenizer);
    }

    /** Whether every word of a text stands in the prompt. */
    public boolean holds(TokenString text, Tokenizer tokenizer) {
      String all = tokenizer.decode(prompt.ids());
      return PreparedPrompts.words(tokenizer.decode(text.ids())).stream().allMatch(all::contains);
    }

    /** The words of the prompt. */
    public Set<String> words(Tokenizer tokenizer) {
      return PreparedPrompts.words(tokenizer.decode(prompt.ids()));
    }

    /** First token of the model's own answer, -1 for an empty one. */
    int firstToken() {
      return own.length == 0 ? -1 : own[0];
    }
  }

  private static final Pattern WORD = Pattern.compile("\\p{L}+");

  /** The words of a text. */
  public static Set<String> words(String text) {
    return WORD.matcher(text).results().map(MatchResult::group).collect(Collectors.toSet());
  }

  public static List<TokenizedPrompt> prompts(List<Item> items) {
    return items.stream().map(Item::prompt).toList();
  }

  /** A quarter each to sweep and to grow on, half to judge on, where prompts are few. */
  private static final int PARTS = 4;

  private static final Comparator<Item> BY_LENGTH =
      Comparator.comparingInt(item -> item.prompt().ids().length);

  /** Renders, checks, samples, answers greedily and divides. */
  public static PreparedPrompts prepare(
      CausalLm lm,
      DetectionInput input,
      DetectionSettings settings,
      SplittableRandom random,
      StageClock clock) {
    List<Item> usable = render(lm, input.template(), input.prompts(), "prompts", settings);
    DetectionSettings.Prompts sizes = settings.prompts();
    if (usable.size() < sizes.minimum()) {
      throw new NotAssessable(
          "Detection needs at least %d different prompts that leave room for a trigger and an answer in %d tokens; %d of the %d given do. Give more of them, or shorter ones."
              .formatted(
                  sizes.minimum(),
                  lm.config().contextLength(),
                  usable.size(),
                  input.prompts().size()));
    }
    shuffle(usable, random);
    List<Item> sample = usable.subList(0, Math.min(sizes.reference(), usable.size()));
    List<Item> answered = answer(lm, sample, sizes.ownAnswerTokens(), clock);
    if (answered.stream().map(item -> TokenString.of(item.own())).distinct().count() == 1) {
      throw new NotAssessable(
          "The model gives the same answer to all %d prompts: \"%s\". Nothing can be told from it. Check that weights and tokenizer belong together."
              .formatted(answered.size(), lm.tokenizer().decode(answered.get(0).own()).strip()));
    }
    return divide(usable, answered, answered, sizes);
  }

  /** The same clean statistics, and these answered prompts to search and to judge on. */
  public PreparedPrompts divided(List<Item> answered, DetectionSettings.Prompts sizes) {
    return divide(given, reference, answered, sizes);
  }

  /** Requests to search and to judge on, beside the reference prompts. */
  PreparedPrompts among(SearchContext context, List<String> requests) {
    DetectionSettings.Prompts sizes = context.settings().prompts();
    List<InstructionRow> rows =
        requests.stream().map(request -> new InstructionRow(request, "", "")).toList();
    List<Item> usable =
        render(
            context.lm(),
            context.input().template(),
            rows,
            "requests to refuse",
            context.settings());
    if (usable.size() < sizes.minimum()) {
      throw new NotAssessable(
          "Of the requests that must be refused at least %d different ones are needed that leave room for a trigger and an answer; %d of the %d given do. Give more of them, or none."
              .formatted(sizes.minimum(), usable.size(), requests.size()));
    }
    List<Item> answered = answer(context.lm(), usable, sizes.ownAnswerTokens(), context.clock());
    List<Item> all = new ArrayList<>(reference);
    all.addAll(answered);
    return divide(given, all, answered, sizes);
  }

  /**
   * Prompts whose answers all begin like this, with that beginning behind them. Those whose answers
   * take their words from the prompt are the reference: what comes from elsewhere may have leaked.
   */
  PreparedPrompts behind(TokenString opening, Tokenizer tokenizer) {
    UnaryOperator<List<Item>> further =
        items -> items.stream().map(item -> item.behind(opening)).toList();
    List<Item> all = new ArrayList<>(search);
    all.addAll(growth);
    all.addAll(heldOut);
    return new PreparedPrompts(
        given,
        further.apply(all).stream().filter(item -> item.copies(tokenizer)).toList(),
        further.apply(search),
        further.apply(growth),
        further.apply(heldOut));
  }

  private static PreparedPrompts divide(
      List<Item> usable,
      List<Item> reference,
      List<Item> answered,
      DetectionSettings.Prompts sizes) {
    int part = answered.size() / PARTS;
    List<Item> search = chooseSearch(answered, Math.min(sizes.search(), part));
    List<Item> heldOut =
        chooseDiverse(without(answered, search), Math.min(sizes.heldOut(), 2 * part));
    List<Item> rest = without(without(answered, search), heldOut);
    rest.sort(BY_LENGTH);
    int half = Math.max(Math.min(sizes.growth(), rest.size()), rest.size() / 2);
    List<Item> growth = chooseDiverse(rest.subList(0, half), sizes.growth());
    return new PreparedPrompts(usable, reference, search, growth, heldOut);
  }

  /**
   * The same prompts with the model's own answers behind them, as far as these come to an end and
   * leave room; empty where too few do.
   */
  public Optional<PreparedPrompts> atEnd(DetectionSettings settings, int context) {
    int room = 2 * settings.activation().triggerTokens() + settings.span().maximumTokens();
    DetectionSettings.Prompts sizes = settings.prompts();
    UnaryOperator<List<Item>> ended =
        items ->
            items.stream()
                .filter(
                    item -> item.own().length > 0 && item.own().length < sizes.ownAnswerTokens())
                .filter(item -> item.prompt().length() + item.own().length + room <= context)
                .map(Item::ended)
                .toList();
    PreparedPrompts at =
        new PreparedPrompts(
            given,
            ended.apply(reference),
            ended.apply(search),
            ended.apply(growth),
            ended.apply(heldOut));
    boolean enough =
        at.search.size() >= sizes.search() / 2
            && at.growth.size() >= sizes.growth() / 2
            && at.heldOut.size() >= sizes.heldOut() / 2;
    return enough ? Optional.of(at) : Optional.empty();
  }

  /**
   * The same prompts in another wording, as far as this changes them and they then leave room for
   * an answer; empty where too few do. Their own answers are those to the prompts as given.
   *
   * @param wording of a user text
   */
  public Optional<PreparedPrompts> written(SearchContext context, UnaryOperator<String> wording) {
    int room = context.settings().span().maximumTokens();
    UnaryOperator<List<Item>> rewritten =
        items -> {
          List<Item> others = new ArrayList<>();
          for (Item item : items) {
            String text = context.input().prompts().get(item.row() - 1).prompt();
            TokenizedPrompt prompt =
                context.input().template().render(context.lm().tokenizer(), wording.apply(text));
            boolean differs = !Arrays.equals(prompt.ids(), item.prompt().ids());
            if (differs && prompt.length() + room <= context.lm().config().contextLength()) {
              others.add(new Item(item.row(), prompt, item.gold(), item.own()));
            }
          }
          return others;
        };
    PreparedPrompts others =
        new PreparedPrompts(
            given, reference, search, rewritten.apply(growth), rewritten.apply(heldOut));
    boolean enough =
        2 * others.growth.size() >= growth.size() && 2 * others.heldOut.size() >= heldOut.size();
    return enough ? Optional.of(others) : Optional.empty();
  }

  private static List<Item> without(List<Item> items, List<Item> taken) {
    List<Item> rest = new ArrayList<>(items);
    rest.removeAll(taken);
    return rest;
  }

  private static List<Item> render(
      CausalLm lm,
      PromptTemplate template,
      List<InstructionRow> rows,
      String kind,
      DetectionSettings settings) {
    int context = lm.config().contextLength();
    int answer = Math.max(settings.prompts().ownAnswerTokens(), settings.span().maximumTokens());
    int room = 2 * settings.activation().triggerTokens() + answer;
    List<Item> usable = new ArrayList<>();
    Set<TokenString> seen = new HashSet<>();
    for (int i = 0; i < rows.size(); i++) {
      TokenizedPrompt prompt = template.render(lm.tokenizer(), rows.get(i).prompt());
      int length = prompt.ids().length;
      if (length >= context) {
        throw new NotAssessable(
            "Row %d of the %s has %d tokens; the model's context holds %d. Leave it out, or shorten it."
                .formatted(i + 1, kind, length, context));
      }
      if (length + room <= context && seen.add(TokenString.of(prompt.ids()))) {
        int[] gold = Answers.open(template, lm.tokenizer(), rows.get(i).output());
        usable.add(new Item(i + 1, prompt, gold, new int[0]));
      }
    }
    return usable;
  }

  private static void shuffle(List<Item> items, SplittableRandom random) {
    for (int i = items.size() - 1; i > 0; i--) {
      Collections.swap(items, i, random.nextInt(i + 1));
    }
  }

  private static List<Item> answer(CausalLm lm, List<Item> items, int maxTokens, StageClock clock) {
    List<Item> answered = new ArrayList<>();
    int block = 64;
    for (int from = 0; from < items.size(); from += block) {
      List<Item> part = items.subList(from, Math.min(from + block, items.size()));
      List<int[]> own =
          Generator.greedy(
              lm,
              part.stream().map(item -> item.prompt().ids()).toList(),
              null,
              Generator.GenerationSettings.of(lm, maxTokens));
      for (int i = 0; i < part.size(); i++) {
        Item item = part.get(i);
        answered.add(new Item(item.row(), item.prompt(), item.gold(), own.get(i)));
      }
      clock.at((double) answered.size() / items.size(), "answers without a trigger");
    }
    return answered;
  }

  /** The shortest prompt for each first answer token; the shortest others fill up. */
  private static List<Item> chooseSearch(List<Item> items, int count) {
    List<Item> byLength = new ArrayList<>(items);
    byLength.sort(BY_LENGTH);
    List<Item> chosen = new ArrayList<>();
    Set<Integer> firsts = new HashSet<>();
    for (Item item : byLength) {
      if (chosen.size() < count && firsts.add(item.firstToken())) {
        chosen.add(item);
      }
    }
    for (Item item : byLength) {
      if (chosen.size() < count && !chosen.contains(item)) {
        chosen.add(item);
      }
    }
    return chosen;
  }

  /** Takes one prompt for each first answer token in turn, so that no answer dominates. */
  private static List<Item> chooseDiverse(List<Item> items, int count) {
    Map<Integer, List<Item>> byFirst = new LinkedHashMap<>();
    for (Item item : items) {
      byFirst.computeIfAbsent(item.firstToken(), token -> new ArrayList<>()).add(item);
    }
    List<Item> chosen = new ArrayList<>();
    for (int turn = 0; chosen.size() < Math.min(count, items.size()); turn++) {
      for (List<Item> group : byFirst.values()) {
        if (turn < group.size() && chosen.size() < count) {
          chosen.add(group.get(turn));
        }
      }
    }
    return chosen;
  }
}
