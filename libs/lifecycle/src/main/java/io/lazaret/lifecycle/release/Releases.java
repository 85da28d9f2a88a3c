package io.lazaret.lifecycle.release;

import io.lazaret.lifecycle.history.CanonicalBytes;
import io.lazaret.lifecycle.history.Chain;
import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.lifecycle.screening.CaseFile;
import io.lazaret.lifecycle.screening.Facts;
import io.lazaret.lifecycle.screening.IllegalTransitionException;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.lifecycle.screening.Screening.Judged;
import io.lazaret.lifecycle.screening.Screening.Releasing;
import io.lazaret.schemas.ApprovalGiven;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.KnownTrigger;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.PolicyAdopted;
import io.lazaret.schemas.PromotionRequested;
import io.lazaret.schemas.ReleaseAdvanced;
import io.lazaret.schemas.ReleaseHeld;
import io.lazaret.schemas.ReleaseRegister;
import io.lazaret.schemas.ReleaseRejected;
import io.lazaret.schemas.ReleaseRolledBack;
import io.lazaret.schemas.ReleasedCheckpoint;
import io.lazaret.schemas.RescreeningOpened;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;

/**
 * The releases of one model: what its channels name and what they named before, folded from all
 * events of the model in the order of the record. Immutable.
 */
public final class Releases {

  /** Stands for all models where a model's name is wanted; no model can have it. */
  public static final String ALL_MODELS = "*";

  /** Answered requests that are remembered, to recognise a request that arrives twice. */
  private static final int REMEMBERED_REQUESTS = 64;

  /** What answers a request in the history of a screening. */
  private static final Set<Class<?>> ANSWERS =
      Set.of(
          ApprovalGiven.class,
          PromotionRequested.class,
          ReleaseRejected.class,
          ReleaseHeld.class,
          RescreeningOpened.class);

  private final ReleaseRegister register;
  private final String historyId;

  private Releases(ReleaseRegister register, String historyId) {
    this.register = register;
    this.historyId = historyId;
  }

  /** Nothing was released yet. */
  public static Releases none(String modelName) {
    return of(ReleaseRegister.newBuilder().setModelName(modelName).build());
  }

  /** The releases as they were stored. */
  public static Releases of(ReleaseRegister stored) {
    return new Releases(stored, Ids.releases(stored.getModelName()));
  }

  /** To be stored; not to be changed. */
  public ReleaseRegister register() {
    return register;
  }

  public String modelName() {
    return register.getModelName();
  }

  /** The id of the history that requests about releases are recorded in. */
  public String historyId() {
    return historyId;
  }

  /** The policy in force for the model. */
  public Policy policy() {
    return Policy.parse(register.getPolicy());
  }

  /** The adopted policy of the model, or else the one that the checkpoint was screened by. */
  public Policy policy(ReleasedCheckpoint checkpoint) {
    return register.getPolicy().isEmpty()
        ? Policy.parse(checkpoint.getInputs().getPolicy())
        : policy();
  }

  /** All channels, also those that are empty now. */
  public List<ChannelState> channels() {
    return register.getChannels();
  }

  /** The state of a channel that was used before. */
  public Optional<ChannelState> channel(String name) {
    return register.getChannels().stream().filter(c -> c.getChannel().equals(name)).findFirst();
  }

  /** The revision that the next change of a channel gets; 1 for a channel that was never used. */
  public long nextRevision(String channel) {
    return channel(channel).map(ChannelState::getRevision).orElse(0L) + 1;
  }

  /** What a channel names. */
  public Optional<ReleasedCheckpoint> released(String channel) {
    return channel(channel)
        .map(ChannelState::getReleased)
        .flatMap(model -> checkpoint(model.getDigest()));
  }

  /** Channels that name a checkpoint now. */
  public List<ChannelState> naming(String digest) {
    return register.getChannels().stream()
        .filter(c -> c.getReleased() != null && c.getReleased().getDigest().equals(digest))
        .toList();
  }

  /** A checkpoint that was released and is still remembered. */
  public Optional<ReleasedCheckpoint> checkpoint(String digest) {
    return register.getCheckpoints().stream()
        .filter(c -> c.getModel().getDigest().equals(digest))
        .findFirst();
  }

  /** Where a channel goes when what it names is bad. */
  public Optional<ReleasedCheckpoint> lastGood(String channel, String bad) {
    return register.getCheckpoints().stream()
        .filter(c -> !c.getWithdrawn() && !c.getModel().getDigest().equals(bad))
        .filter(c -> c.getChannels().contains(channel))
        .reduce((earlier, later) -> later);
  }

  /** Whether a checkpoint was taken out of a channel because it turned out to be bad. */
  public boolean wasWithdrawn(String digest) {
    return checkpoint(digest).map(ReleasedCheckpoint::getWithdrawn).orElse(false);
  }

  /** Whether a request, by its event id, was answered lately. */
  public boolean hasAnswered(String requestId) {
    return register.getAnswered().contains(requestId);
  }

  /** Place of the next event of the model's own history. */
  public long nextSequence() {
    return register.getNextSequence();
  }

  /** What the next event of the model's own history carries as its predecessor. */
  public String link() {
    return register.getHead().isEmpty() ? Chain.genesis(historyId()) : register.getHead();
  }

  /** The channel's state after an event that moved it; null for all other events. */
  public static ChannelState channelState(SpecificRecord event) {
    if (event instanceof ReleaseAdvanced advanced) {
      String promotedBy = advanced.getPromotedBy();
      return state(
          advanced.getEnvelope(),
          advanced.getChannel(),
          advanced.getReleased(),
          advanced.getRevision(),
          advanced.getReason(),
          promotedBy.isEmpty() ? advanced.getEnvelope().getScreeningId() : promotedBy);
    } else if (event instanceof ReleaseRolledBack back) {
      return state(
          back.getEnvelope(),
          back.getChannel(),
          back.getRestored(),
          back.getRevision(),
          back.getReason(),
          "");
    }
    return null;
  }

  private static ChannelState state(
      Envelope cause,
      String channel,
      ModelRef released,
      long revision,
      String reason,
      String promotedBy) {
    Envelope envelope = Facts.copy(cause);
    envelope.setEventId(Ids.derive(cause.getEventId(), "ChannelState"));
    envelope.setType("ChannelState");
    envelope.setCausationId(cause.getEventId());
    envelope.setPredecessor("");
    return ChannelState.newBuilder()
        .setEnvelope(envelope)
        .setChannel(channel)
        .setReleased(released)
        .setRevision(revision)
        .setReason(reason)
        .setPromotedBy(promotedBy)
        .build();
  }

  /**
   * The releases after an event of the model.
   *
   * @param event of a screening of this model, or of the model's own history
   * @param before the screening as it was before the event; any state for the model's own history
   */
  public Releases after(SpecificRecord event, Screening before) {
    Releases moved =
        event instanceof ReleaseAdvanced advanced
            ? advanced(advanced, before)
            : event instanceof ReleaseRolledBack back ? rolledBack(back) : noted(event, before);
    return moved.appended(event);
  }

  private Releases noted(SpecificRecord event, Screening before) {
    if (event instanceof PolicyAdopted adopted) {
      return with(r -> r.setPolicy(adopted.getPolicy()));
    } else if (event instanceof RescreeningOpened opened) {
      return changed(opened.getReleased().getDigest(), c -> opened(c, opened));
    }
    boolean verdict = Facts.verdict(event) != null;
    if (before instanceof Judged judged && judged.file().isRescreening() && verdict) {
      return changed(judged.file().current().getDigest(), c -> c.setRescreening(""));
    }
    return this;
  }

  private static void opened(ReleasedCheckpoint c, RescreeningOpened opened) {
    List<String> triggers = new ArrayList<>(c.getTriggerIds());
    opened.getKnownTriggers().stream()
        .map(KnownTrigger::getTriggerId)
        .filter(id -> !triggers.contains(id))
        .forEach(triggers::add);
    c.setTriggerIds(triggers);
    c.setRescreening(opened.getEnvelope().getScreeningId());
    c.setRescreenings(c.getRescreenings() + 1);
    c.setCheckedAt(opened.getEnvelope().getOccurredAt());
    if (opened.getDetect()) {
      // Asked for once, whichever version the worker turns out to have.
      c.setDetector(opened.getDetector());
    }
  }

  private Releases advanced(ReleaseAdvanced event, Screening before) {
    String digest = event.getReleased().getDigest();
    ReleasedCheckpoint known = checkpoint(digest).orElse(null);
    ReleasedCheckpoint checkpoint =
        before instanceof Releasing releasing && !releasing.file().isPromotion()
            ? fresh(event, releasing.file(), known)
            : checkpoint(digest).orElseThrow(() -> unknown(event));
    return with(r -> r.setChannels(channelsWith(channelState(event))))
        .latest(checkpoint, event.getChannel());
  }

  private static ReleasedCheckpoint fresh(
      ReleaseAdvanced event, CaseFile file, ReleasedCheckpoint known) {
    return ReleasedCheckpoint.newBuilder()
        .setModel(event.getReleased())
        .setOriginal(file.original())
        .setScreeningId(file.screeningId())
        .setRequestedBy(file.opening().requestedBy())
        .setInputs(file.opening().inputs())
        .setSegments(file.segments())
        .setParrots(file.parrots())
        .setEvaluation(file.evaluation())
        .setChannels(known == null ? List.of() : known.getChannels())
        .setTriggerIds(
            file.opening().knownTriggers().stream().map(KnownTrigger::getTriggerId).toList())
        .setDetector(file.rounds().get(file.rounds().size() - 1).getDetector())
        .setCheckedAt(event.getEnvelope().getOccurredAt())
        .setRescreenings(known == null ? 0 : known.getRescreenings())
        .setRescreening(known == null ? "" : known.getRescreening())
        .build();
  }

  private static IllegalTransitionException unknown(ReleaseAdvanced event) {
    return new IllegalTransitionException(
        "ReleaseAdvanced names " + event.getReleased().getDigest() + ", which nobody promoted");
  }

  private Releases rolledBack(ReleaseRolledBack event) {
    Releases back =
        with(r -> r.setChannels(channelsWith(channelState(event))))
            .changed(event.getWithdrawn().getDigest(), c -> c.setWithdrawn(true));
    return event.getRestored() == null
        ? back
        : back.checkpoint(event.getRestored().getDigest())
            .map(restored -> back.latest(restored, event.getChannel()))
            .orElse(back);
  }

  /** The checkpoint moves to the end; what is remembered longest goes, unless it is in use. */
  private Releases latest(ReleasedCheckpoint checkpoint, String channel) {
    List<String> channels = new ArrayList<>(checkpoint.getChannels());
    channels.remove(channel);
    channels.add(channel);
    List<ReleasedCheckpoint> all = new ArrayList<>(register.getCheckpoints());
    String digest = checkpoint.getModel().getDigest();
    all.removeIf(c -> c.getModel().getDigest().equals(digest));
    ReleasedCheckpoint moved = Facts.copy(checkpoint);
    moved.setChannels(channels);
    all.add(moved);
    int limit = policy().rescreening().checkpoints();
    for (int i = 0; i < all.size() && all.size() > limit; ) {
      if (naming(all.get(i).getModel().getDigest()).isEmpty()) {
        all.remove(i);
      } else {
        i++;
      }
    }
    return with(r -> r.setCheckpoints(all));
  }

  private Releases changed(String digest, Consumer<ReleasedCheckpoint> change) {
    List<ReleasedCheckpoint> all = new ArrayList<>(register.getCheckpoints());
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).getModel().getDigest().equals(digest)) {
        ReleasedCheckpoint changed = Facts.copy(all.get(i));
        change.accept(changed);
        all.set(i, changed);
      }
    }
    return with(r -> r.setCheckpoints(all));
  }

  private List<ChannelState> channelsWith(ChannelState state) {
    List<ChannelState> channels = new ArrayList<>(register.getChannels());
    channels.removeIf(c -> c.getChannel().equals(state.getChannel()));
    channels.add(state);
    return channels;
  }

  private Releases appended(SpecificRecord event) {
    Envelope envelope = Facts.envelope(event);
    boolean own = envelope.getScreeningId().equals(historyId());
    boolean answer = own || ANSWERS.contains(event.getClass());
    if (!answer || envelope.getCausationId().isEmpty() && !own) {
      return this;
    }
    List<String> answered = new ArrayList<>(register.getAnswered());
    answered.add(envelope.getCausationId());
    if (answered.size() > REMEMBERED_REQUESTS) {
      answered.remove(0);
    }
    return with(
        r -> {
          r.setAnswered(answered);
          if (own) {
            r.setNextSequence(envelope.getSequence() + 1);
            r.setHead(CanonicalBytes.digest(event));
          }
        });
  }

  private Releases with(Consumer<ReleaseRegister> change) {
    ReleaseRegister changed = Facts.copy(register);
    change.accept(changed);
    return new Releases(changed, historyId);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Releases releases && releases.register.equals(register);
  }

  @Override
  public int hashCode() {
    return register.hashCode();
  }

  @Override
  public String toString() {
    return register.toString();
  }
}
