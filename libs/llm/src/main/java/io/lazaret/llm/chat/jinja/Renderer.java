package io.lazaret.llm.chat.jinja;

import java.util.List;

/** Runs statements. */
final class Renderer {

  private enum Flow {
    GO_ON,
    BREAK,
    CONTINUE
  }

  private final Evaluator evaluator;
  private final Values values;
  private long written;

  Renderer(Evaluator evaluator) {
    this.evaluator = evaluator;
    this.values = evaluator.values();
  }

  String render(List<Statement> body, Scope scope) {
    StringBuilder out = new StringBuilder();
    run(body, scope, out);
    return out.toString();
  }

  private Flow run(List<Statement> body, Scope scope, StringBuilder out) {
    values.budget().enter();
    Flow flow = Flow.GO_ON;
    for (int i = 0; flow == Flow.GO_ON && i < body.size(); i++) {
      values.budget().step();
      flow = run(body.get(i), scope, out);
    }
    values.budget().leave();
    return flow;
  }

  private Flow run(Statement statement, Scope scope, StringBuilder out) {
    if (statement instanceof Statement.Text s) {
      write(s.text(), out);
    } else if (statement instanceof Statement.Print s) {
      write(values.text(evaluator.evaluate(s.value(), scope)), out);
    } else if (statement instanceof Statement.If s) {
      return branch(s, scope, out);
    } else if (statement instanceof Statement.For s) {
      loop(s, scope, out);
    } else if (statement instanceof Statement.Set s) {
      assign(s.names(), evaluator.evaluate(s.value(), scope), scope);
    } else if (statement instanceof Statement.SetAttribute s) {
      setAttribute(s, scope);
    } else if (statement instanceof Statement.SetBody s) {
      scope.set(s.name(), captured(s.body(), scope));
    } else if (statement instanceof Statement.Macro s) {
      scope.set(s.name(), macro(s, scope));
    } else if (statement instanceof Statement.Generation s) {
      return run(s.body(), scope, out);
    } else {
      return statement instanceof Statement.Break ? Flow.BREAK : Flow.CONTINUE;
    }
    return Flow.GO_ON;
  }

  private void write(String text, StringBuilder out) {
    written += text.length();
    values.budget().output(written);
    out.append(text);
  }

  private String captured(List<Statement> body, Scope scope) {
    StringBuilder inner = new StringBuilder();
    long before = written;
    run(body, new Scope(scope), inner);
    written = before;
    values.budget().chars(inner.length());
    return inner.toString();
  }

  private Flow branch(Statement.If statement, Scope scope, StringBuilder out) {
    for (int i = 0; i < statement.conditions().size(); i++) {
      Expression condition = statement.conditions().get(i);
      if (condition == null || evaluator.truth(condition, scope)) {
        return run(statement.branches().get(i), scope, out);
      }
    }
    return Flow.GO_ON;
  }

  private void loop(Statement.For statement, Scope scope, StringBuilder out) {
    List<Object> items = values.elements(evaluator.evaluate(statement.items(), scope));
    if (statement.filter() != null) {
      items.removeIf(
          item -> {
            Scope turn = new Scope(scope);
            assign(statement.targets(), item, turn);
            return !evaluator.truth(statement.filter(), turn);
          });
    }
    for (int i = 0; i < items.size(); i++) {
      Scope turn = new Scope(scope);
      assign(statement.targets(), items.get(i), turn);
      turn.set("loop", new Loop(items, i));
      if (run(statement.body(), turn, out) == Flow.BREAK) {
        break;
      }
    }
    if (items.isEmpty()) {
      run(statement.otherwise(), new Scope(scope), out);
    }
  }

  private void assign(List<String> names, Object value, Scope scope) {
    if (names.size() == 1) {
      scope.set(names.get(0), value);
      return;
    }
    List<Object> parts = values.elements(value);
    if (parts.size() != names.size()) {
      throw TemplateProblem.failed(
          names.size() + " values are needed, not " + parts.size() + ", for " + names);
    }
    for (int i = 0; i < names.size(); i++) {
      scope.set(names.get(i), parts.get(i));
    }
  }

  private void setAttribute(Statement.SetAttribute statement, Scope scope) {
    Object target = scope.get(statement.name());
    if (!(target instanceof Namespace namespace)) {
      throw TemplateProblem.failed(
          "attributes can only be set on a namespace, which '" + statement.name() + "' is not");
    }
    namespace.attributes().put(statement.attribute(), evaluator.evaluate(statement.value(), scope));
  }

  private Function macro(Statement.Macro macro, Scope definition) {
    return (arguments, named) -> {
      Scope call = new Scope(definition);
      List<String> parameters = macro.parameters();
      if (arguments.size() > parameters.size() || !parameters.containsAll(named.keySet())) {
        throw TemplateProblem.failed(
            "the macro '" + macro.name() + "' is called with arguments that it does not take");
      }
      int optional = parameters.size() - macro.defaults().size();
      for (int i = 0; i < parameters.size(); i++) {
        String name = parameters.get(i);
        Object value;
        if (i < arguments.size()) {
          value = arguments.get(i);
        } else if (named.containsKey(name)) {
          value = named.get(name);
        } else {
          value =
              i < optional
                  ? new Undefined(name)
                  : evaluator.evaluate(macro.defaults().get(i - optional), call);
        }
        call.set(name, value);
      }
      return captured(macro.body(), call);
    };
  }
}
