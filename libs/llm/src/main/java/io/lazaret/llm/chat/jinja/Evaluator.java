package io.lazaret.llm.chat.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Evaluates expressions. */
final class Evaluator {

  private final Values values;
  private final Operators operators;
  private final Attributes attributes;
  private final Tests tests;
  private final Filters filters;

  Evaluator(Values values) {
    this.values = values;
    this.operators = new Operators(values);
    this.attributes = new Attributes(values);
    this.tests = new Tests(values, operators);
    this.filters = new Filters(values, operators, tests, attributes);
  }

  Values values() {
    return values;
  }

  Object evaluate(Expression expression, Scope scope) {
    values.budget().enter();
    Object value = value(expression, scope);
    values.budget().leave();
    return value;
  }

  boolean truth(Expression expression, Scope scope) {
    return Values.truth(evaluate(expression, scope));
  }

  // A chain of patterns: switch over sealed types comes with Java 21.
  private Object value(Expression expression, Scope scope) {
    if (expression instanceof Expression.Literal e) {
      return e.value();
    }
    if (expression instanceof Expression.Name e) {
      return scope.get(e.name());
    }
    if (expression instanceof Expression.ListOf e) {
      return list(e.items(), scope);
    }
    if (expression instanceof Expression.DictOf e) {
      Map<Object, Object> map = new LinkedHashMap<>();
      for (int i = 0; i < e.keys().size(); i++) {
        map.put(
            Operators.key(evaluate(e.keys().get(i), scope)), evaluate(e.values().get(i), scope));
      }
      return map;
    }
    if (expression instanceof Expression.Attribute e) {
      return attributes.attribute(evaluate(e.of(), scope), e.name());
    }
    if (expression instanceof Expression.Item e) {
      return attributes.item(evaluate(e.of(), scope), evaluate(e.key(), scope));
    }
    if (expression instanceof Expression.Slice e) {
      return operators.slice(
          evaluate(e.of(), scope),
          part(e.from(), scope),
          part(e.to(), scope),
          part(e.step(), scope));
    }
    if (expression instanceof Expression.Call e) {
      return call(e, scope);
    }
    if (expression instanceof Expression.Filter e) {
      return filters.apply(
          e.name(),
          evaluate(e.of(), scope),
          list(e.arguments().positional(), scope),
          named(e.arguments(), scope));
    }
    if (expression instanceof Expression.Test e) {
      List<Object> arguments = list(e.arguments().positional(), scope);
      return tests.holds(e.name(), evaluate(e.of(), scope), arguments) != e.negated();
    }
    return operation(expression, scope);
  }

  private Object operation(Expression expression, Scope scope) {
    if (expression instanceof Expression.Unary e) {
      Object of = evaluate(e.of(), scope);
      return switch (e.operator()) {
        case "not" -> !Values.truth(of);
        case "-" -> operators.apply("-", 0L, of);
        default -> operators.apply("+", 0L, of);
      };
    }
    if (expression instanceof Expression.Binary e) {
      Object left = evaluate(e.left(), scope);
      return switch (e.operator()) {
        case "and" -> Values.truth(left) ? evaluate(e.right(), scope) : left;
        case "or" -> Values.truth(left) ? left : evaluate(e.right(), scope);
        default -> operators.apply(e.operator(), left, evaluate(e.right(), scope));
      };
    }
    if (expression instanceof Expression.Compare e) {
      Object left = evaluate(e.first(), scope);
      for (int i = 0; i < e.operators().size(); i++) {
        Object right = evaluate(e.others().get(i), scope);
        if (!operators.compare(e.operators().get(i), left, right)) {
          return false;
        }
        left = right;
      }
      return true;
    }
    if (expression instanceof Expression.Concat e) {
      return Methods.join(values, "", list(e.parts(), scope));
    }
    if (expression instanceof Expression.Choice e) {
      if (truth(e.condition(), scope)) {
        return evaluate(e.then(), scope);
      }
      return e.otherwise() == null ? new Undefined("the else") : evaluate(e.otherwise(), scope);
    }
    throw new IllegalArgumentException(expression.toString());
  }

  private Object part(Expression expression, Scope scope) {
    return expression == null ? null : evaluate(expression, scope);
  }

  private Object call(Expression.Call call, Scope scope) {
    Object function = evaluate(call.function(), scope);
    if (function instanceof Undefined u) {
      throw u.used();
    }
    if (!(function instanceof Function callable)) {
      throw TemplateProblem.failed(Values.kind(function) + " cannot be called");
    }
    return callable.call(
        list(call.arguments().positional(), scope), named(call.arguments(), scope));
  }

  private List<Object> list(List<Expression> expressions, Scope scope) {
    List<Object> list = new ArrayList<>();
    for (Expression expression : expressions) {
      list.add(evaluate(expression, scope));
    }
    return list;
  }

  private Map<String, Object> named(Expression.Arguments arguments, Scope scope) {
    Map<String, Object> named = new LinkedHashMap<>();
    arguments.named().forEach((name, value) -> named.put(name, evaluate(value, scope)));
    return named;
  }
}
