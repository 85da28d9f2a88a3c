// Verdicts and events in plain words.

import { number, percent, plural, shortened } from "./format.js";

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
  const passed = (fate) =>
    texts.length
      ? `The model ${says}. It was repaired: ${after || "no attack succeeds any more"}, and the repaired checkpoint ${fate}.`
      : `Nothing was found. The model, its bytes unchanged, ${fate}.`;
  switch (screening.state) {
    case "PROMOTED":
      return passed("is released");
    case "HELD":
      if (screening.decision === "PROMOTED") {
        // The verdict says what may be released; a person or the policy holds it all the same.
        return passed("is held: a person has to decide");
      }
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
      return "Nothing. It is measured again on schedule and when a new trigger becomes known.";
    case "HELD":
      if (!screening.awaiting) {
        return "Nobody can decide any more. Screen the model again for a new verdict.";
      }
      return approve?.allowed ? `${brokenRules(screening).length ? "Read the rules that do not hold" : "Read the evidence"}, then approve or reject.` : `Ask an approver to decide${approve?.why ? `: ${approve.why}` : "."}`;
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
  if (entry.type === "UNDECODABLE") {
    return `A record that cannot be read (${entry.code ?? "UNDECODABLE"}): ${entry.reason ?? "no reason given"}`;
  }
  if (entry.type === "RETRIES") {
    const stage = STAGE_WORDS[entry.stage]?.toLowerCase() ?? entry.stage;
    return `${plural(entry.count, "failed attempt")} at ${stage}, last: ${entry.problem?.sentence ?? entry.problem?.code ?? "unknown"}`;
  }
  const name = LABELS[entry.type] ?? entry.type;
  const round = entry.round > 1 ? `, round ${entry.round}` : "";
  const attempt = entry.attempt > 1 ? `, attempt ${entry.attempt}` : "";
  return `${name}${round}${attempt}${entry.summary ? `: ${entry.summary}` : ""}`;
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
