package io.lazaret.tests.deploy;

import static io.lazaret.tests.deploy.Repository.SERVICES;
import static io.lazaret.tests.deploy.Repository.STAGES;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The manifests mean what they are meant to, as far as that can be told without a cluster. */
class KubernetesTest {

  private static final String NAME = "app.kubernetes.io/name";

  private static List<HasMetadata> base;

  @BeforeAll
  static void read() {
    base = new ArrayList<>();
    Repository.yaml("k8s/base/kustomization.yaml")
        .path("resources")
        .forEach(file -> base.addAll(manifests("k8s/base/" + file.asText())));
  }

  static Stream<String> services() {
    return SERVICES.stream();
  }

  static Stream<String> stages() {
    return STAGES.stream();
  }

  @Test
  void everyFieldIsOneThatKubernetesKnows() {
    List<HasMetadata> all = new ArrayList<>(base);
    all.addAll(manifests("k8s/base/secret.example.yaml"));
    STAGES.forEach(stage -> all.addAll(manifests("k8s/overlays/gpu/" + stage + ".yaml")));
    assertThat(all)
        .hasSizeGreaterThan(35)
        .doesNotHaveAnyElementsOfTypes(GenericKubernetesResource.class);
    all.forEach(each -> assertThat(unknownFields(each)).as(each.toString()).isEmpty());
  }

  @Test
  void aFieldThatKubernetesDoesNotKnowIsFound() {
    HasMetadata wrong =
        parse(
                """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: x}
            spec: {template: {spec: {containers: [{name: x, resource: {}}]}}}
            """)
            .get(0);
    assertThat(unknownFields(wrong)).containsExactly("resource");
  }

  @ParameterizedTest
  @MethodSource("services")
  void aServiceIsADeploymentWithItsOwnAccountAndProbes(String service) {
    Deployment deployment = deployment(service);
    var spec = deployment.getSpec();
    Map<String, String> labels = spec.getTemplate().getMetadata().getLabels();
    assertThat(labels).containsAllEntriesOf(spec.getSelector().getMatchLabels());
    var pod = spec.getTemplate().getSpec();
    assertThat(pod.getServiceAccountName()).isEqualTo(service);
    assertThat(of(ServiceAccount.class))
        .extracting(a -> a.getMetadata().getName())
        .contains(service);
    assertThat(pod.getAutomountServiceAccountToken()).isFalse();
    Container container = pod.getContainers().get(0);
    assertThat(container.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/q/health/live");
    assertThat(container.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/q/health/ready");
    assertThat(
            container.getStartupProbe().getPeriodSeconds()
                * container.getStartupProbe().getFailureThreshold())
        .as("a start waits for the outside systems")
        .isGreaterThan(patienceSeconds());
  }

  @ParameterizedTest
  @MethodSource("services")
  void aServiceIsRestrictedAndBounded(String service) {
    var pod = deployment(service).getSpec().getTemplate().getSpec();
    Container container = pod.getContainers().get(0);
    assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
    var security = container.getSecurityContext();
    assertThat(security.getAllowPrivilegeEscalation()).isFalse();
    assertThat(security.getReadOnlyRootFilesystem()).isTrue();
    assertThat(security.getCapabilities().getDrop()).containsExactly("ALL");
    assertThat(container.getImage()).doesNotEndWith(":latest").contains(service + ":");
    assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
    assertThat(container.getResources().getLimits()).containsKeys("cpu", "memory");
    List<String> volumes = pod.getVolumes().stream().map(volume -> volume.getName()).toList();
    assertThat(container.getVolumeMounts())
        .extracting(mount -> mount.getName())
        .containsAll(List.of("work", "tmp"))
        .isSubsetOf(volumes);
  }

  @ParameterizedTest
  @MethodSource("stages")
  void aStageMayHaveAGpuOfItsOwn(String stage) {
    Deployment patch = (Deployment) manifests("k8s/overlays/gpu/" + stage + ".yaml").get(0);
    assertThat(patch.getMetadata()).isEqualTo(named(patch, deployment(stage)));
    var pod = patch.getSpec().getTemplate().getSpec();
    assertThat(pod.getNodeSelector()).containsEntry("nvidia.com/gpu.present", "true");
    assertThat(pod.getTolerations()).extracting(t -> t.getKey()).contains("nvidia.com/gpu");
    Container container = pod.getContainers().get(0);
    assertThat(container.getName()).isEqualTo(stage);
    Quantity one = new Quantity("1");
    assertThat(container.getResources().getRequests()).containsEntry("nvidia.com/gpu", one);
    assertThat(container.getResources().getLimits()).containsEntry("nvidia.com/gpu", one);
    assertThat(container.getEnv()).extracting(e -> e.getName()).contains("LAZARET_DEVICE");
    assertThat(Repository.text("k8s/overlays/gpu/kustomization.yaml")).contains(stage + ".yaml");
  }

  @Test
  void everyDisruptionBudgetCountsPodsThatExist() {
    List<PodDisruptionBudget> budgets = of(PodDisruptionBudget.class);
    assertThat(budgets)
        .extracting(budget -> budget.getSpec().getSelector().getMatchLabels().get(NAME))
        .containsAll(STAGES)
        .isSubsetOf(SERVICES);
  }

  @Test
  void nobodyTalksToAnybodyUnlessItIsSaidSo() {
    Map<String, NetworkPolicy> policies = new java.util.TreeMap<>();
    of(NetworkPolicy.class).forEach(p -> policies.put(p.getMetadata().getName(), p));
    var nothing = policies.get("nothing").getSpec();
    assertThat(nothing.getPodSelector().getMatchLabels()).isNullOrEmpty();
    assertThat(nothing.getPolicyTypes()).containsExactlyInAnyOrder("Ingress", "Egress");
    assertThat(nothing.getIngress()).isNullOrEmpty();
    assertThat(nothing.getEgress()).isNullOrEmpty();
    List<String> reachingOut =
        policies.values().stream()
            .filter(
                policy ->
                    policy.getSpec().getEgress() != null
                        && policy.getSpec().getEgress().stream()
                            .flatMap(rule -> rule.getTo().stream())
                            .anyMatch(peer -> peer.getIpBlock() != null))
            .map(policy -> policy.getSpec().getPodSelector().getMatchLabels().get(NAME))
            .toList();
    assertThat(reachingOut).containsExactly("notification");
  }

  @Test
  void theConfigurationNamesSettingsThatServicesRead() {
    String defaults =
        Repository.text(
                "services/common/src/main/resources/META-INF/microprofile-config.properties")
            + Repository.text("README.md")
            + "lazaret.access.key lazaret.attestation.key"
            + " quarkus.otel.exporter.otlp.endpoint lazaret.s3.endpoint lazaret.s3.bucket";
    String known = defaults.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(java.util.Locale.ROOT);
    ConfigMap settings = of(ConfigMap.class).get(0);
    assertThat(settings.getData().keySet()).allSatisfy(key -> assertThat(known).contains(key));
  }

  private static io.fabric8.kubernetes.api.model.ObjectMeta named(
      Deployment patch, Deployment patched) {
    assertThat(patch.getMetadata().getName()).isEqualTo(patched.getMetadata().getName());
    assertThat(patch.getMetadata().getNamespace()).isEqualTo(patched.getMetadata().getNamespace());
    return patch.getMetadata();
  }

  private static int patienceSeconds() {
    return Integer.parseInt(
        of(ConfigMap.class).get(0).getData().get("LAZARET_START_PATIENCE_SECONDS"));
  }

  private static Deployment deployment(String service) {
    return of(Deployment.class).stream()
        .filter(each -> each.getMetadata().getName().equals(service))
        .findFirst()
        .orElseThrow();
  }

  private static <T> List<T> of(Class<T> type) {
    return base.stream().filter(type::isInstance).map(type::cast).toList();
  }

  private static List<HasMetadata> manifests(String path) {
    return parse(Repository.text(path));
  }

  private static List<HasMetadata> parse(String yaml) {
    List<HasMetadata> parsed = new ArrayList<>();
    for (String document : yaml.split("(?m)^---$")) {
      Object one = Serialization.unmarshal(document);
      parsed.add((HasMetadata) one);
    }
    return parsed;
  }

  /** Names of fields that the typed model has no place for: it keeps them aside, silently. */
  private static List<String> unknownFields(Object value) {
    List<String> unknown = new ArrayList<>();
    collect(value, unknown);
    return unknown;
  }

  private static void collect(Object value, List<String> unknown) {
    if (value instanceof Collection<?> list) {
      list.forEach(each -> collect(each, unknown));
    } else if (value instanceof Map<?, ?> map) {
      map.values().forEach(each -> collect(each, unknown));
    } else if (value != null && value.getClass().getName().startsWith("io.fabric8")) {
      for (Class<?> type = value.getClass(); type != null; type = type.getSuperclass()) {
        for (Field field : type.getDeclaredFields()) {
          look(value, field, unknown);
        }
      }
    }
  }

  private static void look(Object value, Field field, List<String> unknown) {
    if (Modifier.isStatic(field.getModifiers())) {
      return;
    }
    try {
      field.setAccessible(true);
      Object held = field.get(value);
      if (field.getName().equals("additionalProperties") && held instanceof Map<?, ?> map) {
        map.keySet().forEach(name -> unknown.add(String.valueOf(name)));
      } else {
        collect(held, unknown);
      }
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}
