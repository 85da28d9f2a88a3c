package io.lazaret.llm.chat.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Golden outputs of Jinja as transformers configures it (bench/parity/make_chat_goldens.py). */
class TemplateTest {

  private static final Path GOLDENS = Path.of("src/test/resources/chat/goldens.json");
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2024-07-26T09:05:03Z"), ZoneOffset.UTC);

  private static JsonNode goldens() throws IOException {
    return new ObjectMapper().readTree(GOLDENS.toFile());
  }

  @TestFactory
  Stream<DynamicTest> rendersAsJinja() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    goldens()
        .forEach(c -> tests.add(DynamicTest.dynamicTest(c.path("name").asText(), () -> check(c))));
    assertThat(tests).hasSizeGreaterThan(100);
    return tests.stream();
  }

  private static void check(JsonNode golden) {
    Map<String, Object> variables = new LinkedHashMap<>();
    golden
        .path("variables")
        .fields()
        .forEachRemaining(v -> variables.put(v.getKey(), value(v.getValue())));
    String template = golden.path("template").asText();
    if (golden.has("expected")) {
      assertThat(render(template, variables)).isEqualTo(golden.path("expected").asText());
      return;
    }
    boolean raised = template.contains("raise_exception(");
    assertThatThrownBy(() -> render(template, variables))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem().code()).startsWith("CHAT_TEMPLATE_");
              if (e.problem().code().equals("CHAT_TEMPLATE_REFUSED")) {
                assertThat(raised).isTrue();
                assertThat(e.problem().sentence()).contains(golden.path("error").asText());
              }
            });
  }

  private static Object value(JsonNode json) {
    if (json.isObject()) {
      Map<String, Object> map = new LinkedHashMap<>();
      json.fields().forEachRemaining(e -> map.put(e.getKey(), value(e.getValue())));
      return map;
    }
    if (json.isArray()) {
      List<Object> list = new ArrayList<>();
      json.forEach(e -> list.add(value(e)));
      return list;
    }
    if (json.isTextual()) {
      return json.textValue();
    }
    if (json.isBoolean()) {
      return json.booleanValue();
    }
    return json.isNull()
        ? null
        : json.isIntegralNumber() ? (Object) json.longValue() : json.doubleValue();
  }

  private static String render(String template, Map<String, ?> variables) {
    return Template.parse(template, Limits.standard()).render(variables, CLOCK);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for a in range(100000000) %}{% endfor %}",
        "{% for a in range(2000) %}{% for b in range(2000) %}{% endfor %}{% endfor %}",
        "{% for a in range(2000) %}{{ 'x' * 100000 }}{% endfor %}",
        "{{ 'x' * 9999999999 }}",
        "{% set ns = namespace(s='xxxxxxxx') %}{% for a in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "{% set ns = namespace(s=['x']) %}{% for a in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "{% set ns = namespace(s='') %}{% for a in range(9999) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}",
        "{% set ns = namespace(s='') %}{% for a in range(9999) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s == ns.s[0] }}",
        "{% set ns = namespace(s='') %}{% for a in range(9999) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s|tojson }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m(n) %}{{ m(n) ~ m(n) }}{% endmacro %}{{ m(1) }}",
        "{% set s = 'x' * 1000000 %}{% for a in range(1000) %}{{ s.replace('', 'yy')|length }}{% endfor %}",
        "{% set s = 'ab' * 1000000 %}{% for a in range(1000) %}{{ 'ba' in s }}{{ s.split('b')|length }}{% endfor %}",
        "{% for a in range(900000) %}{% set s = a %}{% endfor %}"
      })
  void endsWhatWouldNotEnd(String template) {
    assertThatThrownBy(() -> render(template, Map.of()))
        .hasMessageContaining("CHAT_TEMPLATE_LIMIT");
  }

  @Test
  void refusesDeepNestingAndLargeTemplatesWithoutParsingThemWhole() {
    for (String deep :
        List.of(
            "{{ " + "(".repeat(50_000) + "1" + ")".repeat(50_000) + " }}",
            "{{ " + "[".repeat(50_000) + "1" + "]".repeat(50_000) + " }}",
            "{{ " + "-".repeat(50_000) + "1 }}",
            "{{ " + "not ".repeat(50_000) + "1 }}",
            "{{ 1" + " + 1".repeat(40_000) + " }}",
            "{{ x" + "|trim".repeat(40_000) + " }}",
            "{{ 1" + " if 1 else 1".repeat(15_000) + " }}",
            "{% if 1 %}".repeat(20_000),
            "x".repeat(300_000))) {
      assertThatThrownBy(() -> render(deep, Map.of())).hasMessageContaining("CHAT_TEMPLATE_LIMIT");
    }
  }

  @Test
  void countsAgainstEveryLimit() {
    Limits small = new Limits(100, 50, 1_000, 20, 10);
    assertLimit("{{ 'x' * 21 }}", small, "20 characters");
    assertLimit("{{ 'x' * 1001 }}", small, "1000 characters");
    assertLimit("{% for a in range(60) %}{% endfor %}", small, "50 steps");
    assertLimit("{{ ((((((((((((1)))))))))))) }}", small, "10 deep");
    assertLimit("y".repeat(101), small, "100 characters");
  }

  private static void assertLimit(String template, Limits limits, String named) {
    assertThatThrownBy(() -> Template.parse(template, limits).render(Map.of(), CLOCK))
        .hasMessageContaining("CHAT_TEMPLATE_LIMIT")
        .hasMessageContaining(named);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '^',
      quoteCharacter = '~',
      textBlock =
          """
          {{ 'a'|attr('b') }}                        ^ attr
          {{ ''.getClass() }}                        ^ getClass
          {{ messages.getClass().forName('x') }}     ^ getClass
          {{ messages.__class__ }}                   ^ __class__
          {{ ''['__class__'] }}                      ^ __class__
          {{ messages.hashCode() }}                  ^ hashCode
          {{ range.call }}{{ range.call() }}         ^ call
          {% include '/etc/passwd' %}                ^ include
          {% import 'x' as y %}                      ^ import
          {% extends 'x' %}                          ^ extends
          {{ 'x'.format(1) }}                        ^ format
          """)
  void givesNoWayToJava(String template, String named) {
    assertThatThrownBy(() -> render(template, Map.of("messages", List.of())))
        .hasMessageContaining("CHAT_TEMPLATE_")
        .hasMessageContaining(named);
  }

  @Test
  void namesTheLineOfASyntaxError() {
    assertThatThrownBy(() -> render("a\n\n{{ 'b' }}\n{% for %}", Map.of()))
        .hasMessageContaining("CHAT_TEMPLATE_INVALID")
        .hasMessageContaining("line 4");
  }

  /** Damage at random: a text or a named problem, nothing else. */
  @Test
  void everyDamagedTemplateEndsByName() throws IOException {
    List<JsonNode> cases = new ArrayList<>();
    goldens().forEach(cases::add);
    SplittableRandom random = new SplittableRandom(3);
    int refused = 0;
    for (int i = 0; i < 1_000; i++) {
      JsonNode golden = cases.get(random.nextInt(cases.size()));
      Map<String, Object> variables = new LinkedHashMap<>();
      golden
          .path("variables")
          .fields()
          .forEachRemaining(v -> variables.put(v.getKey(), value(v.getValue())));
      String mutant = mutate(golden.path("template").asText(), random);
      try {
        render(mutant, variables);
      } catch (ProblemException e) {
        assertThat(e.problem().code()).startsWith("CHAT_TEMPLATE_");
        refused++;
      } catch (RuntimeException | Error e) {
        throw new AssertionError(mutant, e);
      }
    }
    assertThat(refused).isBetween(150, 950);
  }

  private static String mutate(String template, SplittableRandom random) {
    List<String> pieces = new ArrayList<>(Arrays.asList(template.split("(?<=\\W)|(?=\\W)")));
    for (int n = 1 + random.nextInt(3); n > 0 && !pieces.isEmpty(); n--) {
      int at = random.nextInt(pieces.size());
      switch (random.nextInt(4)) {
        case 0 -> pieces.remove(at);
        case 1 -> pieces.add(at, pieces.get(random.nextInt(pieces.size())));
        case 2 -> pieces.set(at, pieces.get(random.nextInt(pieces.size())));
        default -> pieces.add(at, Character.toString(random.nextInt(1, 0x180)));
      }
    }
    return String.join("", pieces);
  }
}
