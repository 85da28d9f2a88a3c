package io.lazaret.console.rest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.console.record.Place;
import io.lazaret.console.view.ModelRow;
import io.lazaret.console.view.Projection;
import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.PolicyAdopted;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/** The policies in force. */
@ApplicationScoped
public class Policies {

  @Inject Projection projection;

  /**
   * The policy of a model that is screened without one of its own.
   *
   * @param model null for a model that adopted none
   */
  ObjectNode of(String model) {
    PolicyAdopted adopted =
        model == null
            ? null
            : projection
                .model(model)
                .map(ModelRow::policy)
                .filter(place -> !place.isEmpty())
                .flatMap(place -> projection.event(Place.of(place)))
                .map(PolicyAdopted.class::cast)
                .orElse(null);
    ObjectNode node = JsonNodeFactory.instance.objectNode().put("model", model);
    node.put("adoptedBy", adopted == null ? null : adopted.getActor());
    node.put("reason", adopted == null ? null : adopted.getReason());
    node.put("since", adopted == null ? null : adopted.getEnvelope().getOccurredAt().toString());
    try {
      Policy policy = adopted == null ? Policy.standard() : Policy.parse(adopted.getPolicy());
      return node.put("digest", policy.digest()).put("policy", policy.canonicalJson());
    } catch (ProblemException otherVersion) {
      // Recorded by a version with other rules: shown as it stands.
      return node.put("digest", adopted.getPolicyDigest()).put("policy", adopted.getPolicy());
    }
  }
}
