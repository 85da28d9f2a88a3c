package io.lazaret.console.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.console.record.Place;
import io.lazaret.console.record.Portion;
import io.lazaret.console.record.RecordStore;
import io.lazaret.console.view.Decoded;
import io.lazaret.console.view.Projection;
import io.lazaret.problem.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Pages of timelines. */
@ApplicationScoped
public class TimelineReader {

  /** Records that a filter may pass over for one page; the rest is on the next. */
  private static final int MOST_PASSED = 20_000;

  @Inject Projection projection;

  /**
   * What of a timeline is wanted, and how.
   *
   * @param topics of the records; empty for all
   * @param types of the records; empty for all
   * @param backwards newest first
   * @param body whether the records themselves are wanted
   * @param fold whether failed attempts become one entry
   */
  record Wanted(
      Set<String> topics, Set<String> types, boolean backwards, boolean body, boolean fold) {

    static Wanted of(
        String topics, String types, String order, String body, String fold, boolean backwards) {
      boolean newest =
          order == null ? backwards : oneOf("order", order, "asc", "desc").equals("desc");
      return new Wanted(set(topics), set(types), newest, flag("body", body), flag("fold", fold));
    }

    private static boolean flag(String name, String given) {
      return given == null || oneOf(name, given, "true", "false").equals("true");
    }

    private static String oneOf(String name, String given, String one, String other) {
      if (!given.equals(one) && !given.equals(other)) {
        throw ProblemException.of(
            "PARAMETER_INVALID",
            "The parameter " + name + " is neither " + one + " nor " + other + ".",
            "Give one of the two, or leave it out.");
      }
      return given;
    }
  }

  /** Parts of a text between commas. */
  static Set<String> set(String commas) {
    return commas == null || commas.isBlank()
        ? Set.of()
        : new HashSet<>(List.of(commas.strip().split("\\s*,\\s*")));
  }

  /** A page of a model's timeline. */
  ObjectNode model(String model, Wanted wanted, Paging paging) {
    Predicate<RecordStore.Marked> filter =
        each ->
            (wanted.topics().isEmpty() || wanted.topics().contains(each.place().topic()))
                && (wanted.types().isEmpty() || wanted.types().contains(each.mark()));
    List<Place> places = new ArrayList<>();
    byte[] next = paging.from();
    int passed = 0;
    do {
      int more = Math.min(Paging.MOST, paging.limit() - places.size());
      Portion<RecordStore.Marked> part =
          projection.store().timeline(model, next, more, wanted.backwards());
      part.items().stream().filter(filter).map(RecordStore.Marked::place).forEach(places::add);
      passed += part.items().size();
      next = part.next();
    } while (next != null && places.size() < paging.limit() && passed < MOST_PASSED);
    return page(places, next, wanted);
  }

  /** A page of a history. */
  ObjectNode history(String history, Wanted wanted, Paging paging) {
    Portion<RecordStore.Marked> part =
        projection.store().history(history, paging.from(), paging.limit(), wanted.backwards());
    List<Place> places = part.items().stream().map(RecordStore.Marked::place).toList();
    return page(places, part.next(), wanted);
  }

  private ObjectNode page(List<Place> places, byte[] next, Wanted wanted) {
    List<Decoded> records = new ArrayList<>(places.size());
    for (Place place : places) {
      projection.store().record(place).map(projection::decode).ifPresent(records::add);
    }
    return Paging.page(
        TimelineJson.entries(records, wanted.body(), wanted.fold()), next, entry -> entry);
  }
}
