package io.lazaret.tests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rooms of the house: which package may use which (README, Rooms). */
class RoomsTest {

  private static final List<String> SERVICES =
      List.of(
          "ingestion",
          "detection",
          "simulation",
          "elimination",
          "evaluation",
          "orchestration",
          "console",
          "notification");

  /** Packages of the llm room that deal in the tensor library's types. */
  private static final List<String> ENGINE_INTERNALS =
      List.of("io.lazaret.llm.decoder", "io.lazaret.llm.script", "io.lazaret.llm.tensor");

  /** Room -> rooms that it may use. */
  private static final Map<String, List<String>> MAY_USE = mayUse();

  private static JavaClasses rooms;

  @BeforeAll
  static void importAll() {
    rooms =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.lazaret");
  }

  private static Map<String, List<String>> mayUse() {
    Map<String, List<String>> table = new TreeMap<>();
    table.put("problem", List.of());
    table.put("schemas", List.of());
    table.put("access", List.of("problem"));
    table.put("llm", List.of("problem"));
    table.put("backdoor", List.of("llm", "problem"));
    table.put("lifecycle", List.of("schemas", "problem"));
    table.put("eventing", List.of("schemas", "problem"));
    table.put("checkpoints", List.of("schemas", "problem"));
    table.put("embedded", List.of("problem"));
    table.put(
        "service",
        List.of("access", "eventing", "checkpoints", "schemas", "backdoor", "llm", "problem"));
    table.put(
        "worker",
        List.of(
            "eventing",
            "checkpoints",
            "lifecycle",
            "backdoor",
            "llm",
            "service",
            "schemas",
            "problem"));
    List<String> libraries =
        List.of(
            "access",
            "worker",
            "service",
            "eventing",
            "checkpoints",
            "lifecycle",
            "backdoor",
            "llm",
            "schemas",
            "problem");
    SERVICES.forEach(service -> table.put(service, libraries));
    table.put(
        "standalone",
        Stream.of(SERVICES, libraries, List.of("embedded")).flatMap(List::stream).toList());
    table.put(
        "bench",
        List.of(
            "backdoor",
            "console",
            "embedded",
            "eventing",
            "lifecycle",
            "llm",
            "orchestration",
            "problem",
            "schemas"));
    table.put(
        "cli", List.of("access", "backdoor", "bench", "lifecycle", "llm", "problem", "schemas"));
    return table;
  }

  static Stream<String> roomNames() {
    return MAY_USE.keySet().stream();
  }

  @Test
  void everyClassLivesInAKnownRoom() {
    assertThat(rooms)
        .extracting(RoomsTest::roomOf)
        .isSubsetOf(Stream.concat(roomNames(), Stream.of("tests")).toList());
  }

  @ParameterizedTest
  @MethodSource("roomNames")
  void aRoomUsesOnlyTheRoomsBelowIt(String room) {
    List<String> allowed = MAY_USE.get(room);
    classes()
        .that(in(room))
        .should()
        .onlyDependOnClassesThat(
            new DescribedPredicate<>("live in " + room + " or " + allowed) {
              @Override
              public boolean test(JavaClass used) {
                String other = roomOf(used);
                return other.isEmpty() || other.equals(room) || allowed.contains(other);
              }
            })
        .check(rooms);
  }

  @Test
  void scienceAndLifecycleKnowNothingOfThePlatform() {
    noClasses()
        .that(in("backdoor").or(in("lifecycle")))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.quarkus..", "jakarta..", "org.apache.kafka..", "io.minio..", "okhttp3..")
        .check(rooms);
  }

  @Test
  void onlyTheLlmRoomKnowsTheTensorLibrary() {
    noClasses()
        .that(DescribedPredicate.not(in("llm")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.djl..")
        .check(rooms);
  }

  @Test
  void whatRunsInTheLlmRoomIsItsOwnBusiness() {
    noClasses()
        .that(DescribedPredicate.not(in("llm")))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ENGINE_INTERNALS.toArray(String[]::new))
        .check(rooms);
  }

  @Test
  void theTensorLibraryDoesNotLeakOutOfPublicSignatures() {
    List<String> leaks =
        rooms.stream()
            .filter(in("llm"))
            .filter(type -> !ENGINE_INTERNALS.contains(type.getPackageName()))
            .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
            .flatMap(type -> type.getCodeUnits().stream())
            .filter(unit -> unit.getModifiers().contains(JavaModifier.PUBLIC))
            .filter(
                unit ->
                    Stream.concat(
                            Stream.of(unit.getRawReturnType()),
                            unit.getRawParameterTypes().stream())
                        .anyMatch(type -> type.getPackageName().startsWith("ai.djl")))
            .map(unit -> unit.getFullName())
            .toList();
    assertThat(leaks).isEmpty();
  }

  private static DescribedPredicate<JavaClass> in(String room) {
    return DescribedPredicate.describe("in room " + room, type -> roomOf(type).equals(room));
  }

  /** The room of a class of ours; empty for classes of others. */
  private static String roomOf(JavaClass type) {
    String[] parts = type.getPackageName().split("\\.");
    boolean ours =
        parts.length >= 3 && Arrays.asList(parts).subList(0, 2).equals(List.of("io", "lazaret"));
    return ours ? parts[2] : "";
  }
}
