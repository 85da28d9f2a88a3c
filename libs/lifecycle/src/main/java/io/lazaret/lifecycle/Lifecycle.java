package io.lazaret.lifecycle;

import io.lazaret.lifecycle.decision.Circumstances;
import io.lazaret.lifecycle.decision.Consequences;
import io.lazaret.lifecycle.decision.Dropped;
import io.lazaret.lifecycle.decision.Effects;
import io.lazaret.lifecycle.decision.Recorder;
import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.request.Requests;
import io.lazaret.lifecycle.screening.Facts;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.lifecycle.screening.Screening.Working;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.Problem;
import io.lazaret.schemas.ReleasedCheckpoint;
import io.lazaret.schemas.ReleasedRevision;
import io.lazaret.schemas.ScreeningInputs;
import io.lazaret.schemas.StageFailed;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/** What follows from a record that somebody put into the inbox. Pure: same input, same effects. */
public final class Lifecycle {

  private Lifecycle() {}

  /**
   * Decides.
   *
   * @param current the screening that the record belongs to, folded from its history
   * @param circumstances what else the decision depends on
   * @param record from the inbox
   */
  public static Effects decide(
      Screening current, Circumstances circumstances, SpecificRecord record) {
    Optional<Dropped> refused = Inbox.refuse(current, record);
    if (refused.isPresent()) {
      return Effects.none(current, circumstances.releases(), refused.get());
    }
    if (Requests.isRequest(record)) {
      return Requests.decide(current, circumstances, record);
    }
    Recorder recorder = new Recorder(current, circumstances, Facts.envelope(record));
    recorder.append(
        current instanceof Working working
            ? believable(working, record)
            : record instanceof ModelIngested ingested
                ? completed(ingested, circumstances)
                : record);
    Consequences.follow(recorder);
    return recorder.effects();
  }

  /** What is known of the model at this moment becomes part of its history. */
  private static ModelIngested completed(ModelIngested record, Circumstances circumstances) {
    Releases releases = circumstances.releases();
    ScreeningInputs inputs = record.getInputs();
    if (inputs.getPolicy().isBlank()) {
      inputs =
          ScreeningInputs.newBuilder(inputs).setPolicy(releases.policy().canonicalJson()).build();
    }
    return new ModelIngested(
        record.getEnvelope(),
        record.getModel(),
        inputs,
        record.getRequestedBy(),
        channel(inputs.getPolicy())
            .flatMap(releases::released)
            .filter(checkpoint -> checkpoint.getEvaluation() != null)
            .map(Lifecycle::revision)
            .orElse(null),
        circumstances.concerning());
  }

  /** The channel of a policy that can be read; what cannot be read is judged later. */
  private static Optional<String> channel(String policy) {
    try {
      return Optional.of(Policy.parse(policy).channel());
    } catch (ProblemException refused) {
      return Optional.empty();
    }
  }

  private static ReleasedRevision revision(ReleasedCheckpoint checkpoint) {
    return new ReleasedRevision(
        checkpoint.getModel(),
        checkpoint.getScreeningId(),
        checkpoint.getEvaluation().getProtocol(),
        checkpoint.getEvaluation().getUtility());
  }

  /** A result that contradicts what was asked for is a failure, never a finding. */
  private static SpecificRecord believable(Working working, SpecificRecord result) {
    return Inbox.contradiction(working, result)
        .<SpecificRecord>map(
            sentence -> {
              Job job = Facts.job(result);
              Envelope envelope = Envelope.newBuilder(Facts.envelope(result)).build();
              envelope.setEventId(Ids.jobEvent(job.getJobId(), "StageFailed"));
              envelope.setType("StageFailed");
              return new StageFailed(
                  envelope,
                  job,
                  new Problem(
                      "RESULT_CONTRADICTS_COMMAND",
                      "The result of " + job.getStage() + " cannot be believed: " + sentence + ".",
                      "Compare the versions of the services; screen the model again.",
                      false));
            })
        .orElse(result);
  }
}
