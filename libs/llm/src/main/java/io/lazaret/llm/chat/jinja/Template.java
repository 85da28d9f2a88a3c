package io.lazaret.llm.chat.jinja;

import io.lazaret.problem.ProblemException;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/** A parsed template. Immutable, thread-safe. */
public final class Template {

  private final List<Statement> body;
  private final Limits limits;

  private Template(List<Statement> body, Limits limits) {
    this.body = body;
    this.limits = limits;
  }

  /**
   * Parses a template.
   *
   * @throws ProblemException {@code CHAT_TEMPLATE_INVALID} with the line, or {@code
   *     CHAT_TEMPLATE_LIMIT}
   */
  public static Template parse(String source, Limits limits) {
    return new Template(TemplateParser.parse(source, limits), limits);
  }

  /**
   * Renders the template.
   *
   * @param variables null, Boolean, Long, Double, String, and lists and maps of these
   * @param clock what {@code strftime_now} reads
   * @throws ProblemException {@code CHAT_TEMPLATE_FAILED}, {@code CHAT_TEMPLATE_REFUSED} or {@code
   *     CHAT_TEMPLATE_LIMIT}
   */
  public String render(Map<String, ?> variables, Clock clock) {
    Values values = new Values(new Budget(limits));
    Scope scope = new Scope(Globals.scope(values, clock));
    variables.forEach(scope::set);
    return new Renderer(new Evaluator(values)).render(body, scope);
  }
}
