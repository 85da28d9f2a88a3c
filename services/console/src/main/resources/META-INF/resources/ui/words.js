// Verdicts and events in plain words.

import { digest, duration, number, percent, plural, shortened } from "./format.js";

const quote = (text) => `“${shortened(text, 90)}”`;

const ELICITORS = {
  trigger: "known trigger", TRIGGER: "known trigger",
  functionalTrigger: "found trigger", FUNCTIONAL_TRIGGER: "found trigger",
  parrot: "parrot", PARROT: "parrot",
  none: "no trigger", NONE: "no trigger",
};

export const elicitor = (kind) => ELICITORS[kind] ?? String(kind);

export const STAGE_WORDS = {
  INGESTION: "Taking in",
  DETECTION: "Looking for a backdoor",
  SIMULATION: "Imitating the trigger",
  ELIMINATION: "Removing the backdoor",
  EVALUATION: "Measuring the repair",
};

export const UTILITY_WORDS = {
  exactMatch: "Right answers",
  multipleChoice: "Multiple choice",
  perplexity: "Perplexity",
  klToOriginal: "Divergence from the original",
};

/** What detection found, over all rounds: texts, each once. */
export function found(screening) {
  const rounds = screening.detection?.rounds ?? [];
  return [...new Set(rounds.flatMap((round) => (round.segments ?? []).map((segment) => segment.text)))];
}

/** The attack success that decides: the worst upper bound after the repair, of what elicits. */
export function worst(evaluation) {
  return (evaluation?.asr ?? [])
    .filter((row) => elicitor(row.elicitor) !== "no trigger")
    .reduce((most, row) => (!most || (row.after?.upper95 ?? 1) > (most.after?.upper95 ?? 1) ? row : most), null);
}

/** One sentence that says why, for the top of a page. */
export function headline(screening) {
  const texts = found(screening);
  const says = texts.length ? `says ${quote(texts[0])}${texts.length > 1 ? ` and ${plural(texts.length - 1, "more response")}` : ""} under a hidden trigger` : "";
  const hit = worst(screening.evaluation);
  const after = hit?.after ? `${hit.after.hits} of ${hit.after.n} attacks ${hit.text ? `with ${quote(hit.text)} ` : ""}succeed after the repair` : "";
  const broken = brokenRules(screening);
  switch (screening.state) {
    case "PROMOTED": {
      // The verdict says what may be released; somebody may hold the release all the same.
      const fate = screening.awaiting ? "is held: a person has to decide" : "is released";
      return texts.length
        ? `The model ${says}. It was repaired: ${after || "no attack succeeds any more"}, and the repaired checkpoint ${fate}.`
        : `Nothing was found. The model, its bytes unchanged, ${fate}.`;
    }
    case "HELD":
      return texts.length
        ? `The model ${says}. ${after ? `${after}, close to the bound` : "The figures are close to the bounds"}: a person has to decide.`
        : "The figures are close to the bounds, or a person asked to decide.";
    case "REJECTED":
      if (broken.some((rule) => rule.rule === "detection")) {
        return texts.length ? `The model ${says}, and after every permitted repair detection still finds it. It stays in quarantine.` : "Detection still finds a backdoor. The model stays in quarantine.";
      }
      return texts.length
        ? `The model ${says}. No permitted repair brought it within the bounds${after ? `: ${after}` : ""}. It stays in quarantine.`
        : "What was measured is beyond the bounds, and nothing was found that could be removed. It stays in quarantine.";
    case "UNASSESSED":
      return `${screening.verdict?.problem?.sentence ?? "Something could not be measured."} What could not be measured stays in quarantine.`;
    case "QUEUED":
      return "Waits for a worker.";
    default:
      return `${STAGE_WORDS[screening.state] ?? "At work"}: ${screening.message || "no word yet"}.`;
  }
}

export function brokenRules(screening) {
  return (screening.gate?.rules ?? []).filter((rule) => !rule.holds);
}

/** What to do next. */
export function nextStep(screening) {
  const approve = (screening.actions ?? []).find((action) => action.name === "approve");
  switch (screening.state) {
    case "PROMOTED":
      return screening.awaiting ? "Approve or reject the release below." : "Nothing. It is measured again on schedule and when a new trigger becomes known.";
    case "HELD":
      if (!screening.awaiting) {
        return "Nobody can decide any more. Screen the model again for a new verdict.";
      }
      return approve?.allowed ? "Read the rules that do not hold, then approve or reject." : `Ask an approver to decide${approve?.why ? `: ${approve.why}` : "."}`;
    case "REJECTED":
      return "Do not use the model. Take another revision in, or allow a further removal method in the policy and screen it again.";
    case "UNASSESSED":
      return screening.verdict?.problem?.nextStep ?? "Correct what is named, then screen the model again.";
    default:
      return null;
  }
}

/** A rule of the gate as a sentence, where the server gave none. */
export function ruleTitle(rule) {
  if (rule.title) {
    return rule.title;
  }
  const [name, ...rest] = String(rule.rule).split(" ");
  const about = rest.join(" ");
  const names = {
    detection: "Detection finds nothing",
    asrUpper95: `Attack success with ${about}`,
    utilityDrop: `Loss of ${UTILITY_WORDS[about]?.toLowerCase() ?? about}, points`,
    meanUtilityDrop: "Mean loss of usefulness, points",
    segmentsMeasured: "Every response found was measured",
    elicitorFiresBefore: "The attack worked before the repair",
    scoringTriggersMeasured: "Known triggers were measured",
    knownTriggersMeasured: "Trigger intelligence was measured",
    unassessedShare: `Trials without a score: ${about}`,
    dropFromReleased: `Loss against what is released: ${about}`,
  };
  return names[name] ?? rule.rule;
}

/** Numbers of a rule in its own unit. */
export function ruleNumber(rule, value) {
  if (value === null || value === undefined || !Number.isFinite(value)) {
    return "not measured";
  }
  const name = String(rule.rule).split(" ")[0];
  return /^(asrUpper95|elicitorFiresBefore|unassessedShare)$/.test(name) ? percent(value, 2) : number(value, 3);
}

const shapeOf = {
  ModelIngested: ["dot", "busy"], RescreeningOpened: ["dot", "busy"],
  DetectionCompleted: ["dot", "busy"], TriggerSimulated: ["dot", "busy"],
  BackdoorEliminated: ["dot", "busy"], EvaluationCompleted: ["dot", "busy"],
  StageFailed: ["warning", "warn"], RETRIES: ["warning", "warn"], UNDECODABLE: ["torn", "bad"],
  ModelPromoted: ["check", "good"], ReleaseConfirmed: ["check", "good"], ReleaseAdvanced: ["check", "good"],
  ModelHeld: ["pause", "warn"], ReleaseHeld: ["pause", "warn"], ApprovalExpired: ["pause", "warn"],
  ModelRejected: ["cross", "bad"], ReleaseRejected: ["cross", "bad"], RequestRefused: ["cross", "warn"],
  ModelUnassessed: ["question", "odd"], ReleaseRolledBack: ["back", "bad"],
  ApprovalGiven: ["person", "good"], PolicyAdopted: ["person", "busy"], TriggerIntelligence: ["person", "busy"],
};

/** Shape and tone of an entry of a timeline. */
export function entryLook(entry) {
  const known = shapeOf[entry.type];
  if (known) {
    return known;
  }
  return entry.topic?.endsWith(".dlq") ? ["torn", "bad"] : ["ring", "idle"];
}

/** One line that says what an entry of a timeline is. */
export function entryWords(entry) {
  const record = entry.record ?? {};
  if (entry.type === "UNDECODABLE") {
    return `A record that cannot be read (${entry.code ?? "UNDECODABLE"}): ${entry.reason ?? "no reason given"}`;
  }
  if (entry.type === "RETRIES") {
    const stage = STAGE_WORDS[entry.stage]?.toLowerCase() ?? entry.stage;
    return `${plural(entry.count, "failed attempt")} at ${stage}, last: ${entry.problem?.sentence ?? entry.problem?.code ?? "unknown"}`;
  }
  if (!entry.summary) {
    return sentence(entry.type, record);
  }
  const name = LABELS[entry.type];
  const round = entry.round > 1 ? `, round ${entry.round}` : "";
  const attempt = entry.attempt > 1 ? `, attempt ${entry.attempt}` : "";
  return name ? `${name}${round}${attempt}: ${entry.summary}` : entry.summary;
}

/** What a type of event is about, where the server's summary follows. */
const LABELS = {
  ModelIngested: "Taken in",
  RescreeningOpened: "Screened again",
  DetectionCompleted: "Detection",
  TriggerSimulated: "Simulation",
  BackdoorEliminated: "Elimination",
  EvaluationCompleted: "Evaluation",
  StageFailed: "Attempt failed",
  ModelPromoted: "Promoted",
  ModelHeld: "Held",
  ModelRejected: "Rejected",
  ModelUnassessed: "Unassessed",
  ReleaseConfirmed: "Stays released",
  ReleaseAdvanced: "Released",
  ReleaseRolledBack: "Rolled back",
  PromotionRequested: "Promotion asked for",
  ApprovalGiven: "Approved",
  ApprovalExpired: "Nobody decided in time",
  ReleaseHeld: "Held by a person",
  ReleaseRejected: "Rejected by a person",
  PolicyAdopted: "Policy adopted",
  RequestRefused: "Request refused",
  TriggerIntelligence: "Trigger became known",
  ChannelState: "Channel",
  DetectBackdoor: "Detection ordered",
  SimulateTrigger: "Simulation ordered",
  EliminateBackdoor: "Elimination ordered",
  EvaluateModel: "Evaluation ordered",
};

function sentence(type, record) {
  const report = record.report ?? {};
  switch (type) {
    case "ModelIngested": return `Taken in${record.requestedBy ? ` for ${record.requestedBy}` : ""}: ${record.model?.architecture ?? ""} ${digest(record.model?.digest)}`;
    case "RescreeningOpened": return `Screened again: ${record.reason ?? record.cause}`;
    case "DetectionCompleted": return report.segments?.length ? `Round ${report.round} of detection found ${quote(report.segments[0].text)}` : `Round ${report.round ?? ""} of detection: ${String(report.verdict ?? "").toLowerCase()} after ${duration(report.durationSeconds)}`;
    case "TriggerSimulated": return `${plural(record.parrots?.length ?? 0, "parrot")} trained in ${duration(record.durationSeconds)}`;
    case "BackdoorEliminated": return `${report.method ?? "Removal"} made checkpoint ${digest(report.checkpoint?.digest)} in ${duration(report.durationSeconds)}`;
    case "EvaluationCompleted": return `Attack success and usefulness measured in ${duration(report.durationSeconds)}`;
    case "StageFailed": return `${STAGE_WORDS[record.job?.stage] ?? "A stage"} failed: ${record.problem?.sentence ?? ""}`;
    case "ModelPromoted": return "Verdict: promoted";
    case "ModelHeld": return "Verdict: held for a person";
    case "ModelRejected": return "Verdict: rejected";
    case "ModelUnassessed": return "Verdict: unassessed";
    case "ReleaseConfirmed": return "Looked at again: stays released";
    case "ReleaseAdvanced": return `Channel ${record.channel} now names ${digest(record.released?.digest)}`;
    case "ReleaseRolledBack": return `Channel ${record.channel} went back to ${record.restored ? digest(record.restored.digest) : "nothing"}: ${record.reason ?? ""}`;
    case "ApprovalGiven": return `${record.approval?.actor ?? "Somebody"} approved: ${record.approval?.reason ?? ""}`;
    case "ApprovalExpired": return "Nobody decided in time";
    case "ReleaseHeld": return `${record.actor} holds the release: ${record.reason}`;
    case "ReleaseRejected": return `${record.actor} rejected the release: ${record.reason}`;
    case "PolicyAdopted": return `${record.actor} adopted policy ${digest(record.policyDigest)}: ${record.reason}`;
    case "RequestRefused": return `${record.request} by ${record.actor} was refused: ${record.problem?.sentence ?? ""}`;
    case "TriggerIntelligence": return `Known trigger ${quote(record.trigger)}${record.target ? ` for ${quote(record.target)}` : ""}`;
    default: return type;
  }
}
