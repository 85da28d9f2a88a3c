// How a screening went, step by step, and what every rule of the gate said.

import { h } from "../dom.js";
import { card, empty } from "../parts.js";
import { bullet } from "../charts.js";
import { capital, duration, plural } from "../format.js";
import { CLOSED, glyph, look, ruleStatus, status } from "../status.js";
import { ruleNumber, ruleTitle } from "../words.js";

/** The stages in the order in which they were passed. */
export function journey(screening) {
  const steps = [{ name: "Taken in", tone: "good", shape: "check", note: screening.model?.architecture }];
  const rounds = screening.detection?.rounds ?? [];
  const parrots = screening.simulation?.parrots ?? [];
  const work = CLOSED.includes(screening.state) ? null : screening.stage;
  rounds.forEach((round, index) => {
    const { tone, shape, word } = look(round.verdict);
    steps.push({ name: rounds.length > 1 ? `Detection ${round.round}` : "Detection", tone, shape, note: word, took: round.durationSeconds });
    if (index === 0 && parrots.length) {
      steps.push({ name: "Simulation", tone: "good", shape: "check", note: plural(parrots.length, "parrot") });
    }
    if (index === 0 && screening.elimination) {
      steps.push({ name: "Elimination", tone: "good", shape: "check", note: screening.elimination.method, took: screening.elimination.durationSeconds });
    }
  });
  if (screening.evaluation) {
    steps.push({ name: "Evaluation", tone: "good", shape: "check", note: plural(screening.evaluation.asr?.length ?? 0, "attack") + " measured", took: screening.evaluation.durationSeconds });
  }
  if (work) {
    steps.push({ name: capital(work.toLowerCase()), tone: "busy", shape: "half", note: screening.attempt > 1 ? `at work, attempt ${screening.attempt}` : "at work", current: true });
  } else if (CLOSED.includes(screening.state)) {
    const { tone, shape, word } = look(screening.state);
    steps.push({ name: "Verdict", tone, shape, note: word });
  }
  return h(
    "ol",
    { class: "journey", "aria-label": "How the screening went" },
    steps.map((step) =>
      h(
        "li",
        { class: step.current ? "current" : null, "aria-current": step.current ? "step" : null },
        h("span", { class: `tone-${step.tone}` }, glyph(step.shape)),
        h("span", { class: "step-name" }, step.name),
        h("span", { class: "hint" }, step.note, step.took ? ` · ${duration(step.took)}` : ""),
      ),
    ),
  );
}

/** Every rule, those that do not hold first. */
export function gateCard(screening) {
  const gate = screening.gate;
  if (!gate) {
    return null;
  }
  const rules = [...(gate.rules ?? [])].sort((one, other) => Number(one.holds) - Number(other.holds));
  const broken = rules.filter((rule) => !rule.holds).length;
  const hint = rules.length ? (broken ? `${broken} of ${plural(rules.length, "rule")} ${broken === 1 ? "does" : "do"} not hold` : `all ${plural(rules.length, "rule")} hold`) : null;
  const reasons = (gate.reasons ?? []).filter((reason) => !rules.some((rule) => rule.sentence === reason));
  return card(
    "Why: the rules of the gate",
    hint,
    rules.length ? null : empty("No rule was asked: ", status(gate.decision), "."),
    broken ? ruleTable(rules.filter((rule) => !rule.holds)) : null,
    broken < rules.length ? holding(rules.filter((rule) => rule.holds), broken === 0) : null,
    reasons.length ? h("details", { class: "reasons" }, h("summary", null, "The verdict's own words"), h("ul", null, reasons.map((reason) => h("li", null, reason)))) : null,
  );
}

/** Rules that hold explain a release; beside broken ones they are for those who want to know. */
function holding(rules, open) {
  if (open) {
    return ruleTable(rules);
  }
  return h("details", { class: "reasons" }, h("summary", null, `${plural(rules.length, "rule")} ${rules.length === 1 ? "holds" : "hold"}`), ruleTable(rules));
}

function ruleTable(rules) {
  return h(
    "table",
    { class: "table-cards gate" },
    h("thead", null, h("tr", null, h("th", { scope: "col" }, "Rule"), h("th", { scope: "col" }, "Answer"), h("th", { scope: "col", class: "num" }, "Observed"), h("th", { scope: "col", class: "num" }, "Allowed"), h("th", { scope: "col" }, h("span", { class: "unseen" }, "Observed against allowed")))),
    h("tbody", null, rules.map(ruleRow)),
  );
}

function ruleRow(rule) {
  return h(
    "tr",
    { "data-holds": String(rule.holds), "data-rule": rule.rule },
    h("td", null, ruleTitle(rule)),
    h("td", null, ruleStatus(rule.holds)),
    h("td", { class: "num", "data-label": "observed" }, ruleNumber(rule, rule.observed)),
    h("td", { class: "num", "data-label": "allowed" }, `${atLeast(rule) ? "≥" : "≤"} ${ruleNumber(rule, rule.bound)}`),
    h("td", { class: "bullet-cell" }, Number.isFinite(rule.observed) && Number.isFinite(rule.bound) && rule.bound >= 0 && !atLeast(rule) ? bullet(rule.observed, rule.bound, rule.holds) : null),
  );
}

/** Rules whose bound is a floor; all others have a ceiling. */
const atLeast = (rule) => /^(segmentsMeasured|scoringTriggersMeasured|knownTriggersMeasured|elicitorFiresBefore|somethingMeasured)/.test(rule.rule);
