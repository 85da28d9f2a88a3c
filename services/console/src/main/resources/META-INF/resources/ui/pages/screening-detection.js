// What detection found and the numbers that make it a finding.

import { h } from "../dom.js";
import { get, paths } from "../api.js";
import { card, empty } from "../parts.js";
import { probability, strip } from "../charts.js";
import { duration, number, percent, plural, shortened } from "../format.js";
import { status } from "../status.js";

/** Rounds of one screening that a page shows; a ladder of repairs has fewer. */
const SHOWN = 6;

const kept = new Map();

export async function detectionCard(id, screening) {
  const rounds = screening.detection?.rounds ?? [];
  if (!rounds.length) {
    return null;
  }
  const shown = rounds.length > SHOWN ? [rounds[0], ...rounds.slice(1 - SHOWN)] : rounds;
  const evidence = await Promise.all(shown.map((round) => evidenceOf(id, round)));
  return card(
    "Detection",
    rounds.length > 1 ? `${plural(rounds.length, "round")}, before and after the repair${shown.length < rounds.length ? `; the first and the last ${SHOWN - 1} are shown` : ""}` : null,
    shown.map((round, index) => roundPart(round, evidence[index], rounds.length > 1)),
  );
}

/** Evidence never changes, so that a page that follows a screening asks for it once. */
async function evidenceOf(id, round) {
  const sha256 = round.evidence?.sha256;
  if (!sha256) {
    return null;
  }
  if (!kept.has(sha256)) {
    try {
      kept.set(sha256, await get(`${paths.screening(id)}/evidence/${round.round}`));
    } catch {
      return null;
    }
  }
  return kept.get(sha256);
}

function roundPart(round, evidence, many) {
  return h(
    "div",
    { class: "body round" },
    h(
      "p",
      { class: "round-head" },
      many ? h("b", null, `Round ${round.round}`) : null,
      status(round.verdict),
      h("span", { class: "hint" }, `best score ${number(round.bestScore)}, threshold ${number(round.threshold)}, ${duration(round.durationSeconds)}`),
    ),
    (round.segments ?? []).map((segment) => segmentPart(segment, basisOf(segment, evidence))),
    round.segments?.length || !round.explanation ? null : h("p", null, round.explanation),
    evidence ? susceptibility(round, evidence) : null,
    evidence ? h("details", { class: "search-steps" }, h("summary", null, "How it was searched"), steps(evidence)) : null,
  );
}

/**
 * The numbers of a segment, token by token: {tokens, probabilityClean, probabilityElicited, z}. Older
 * evidence has them on the candidate that the segment grew from, which may be its opening alone.
 */
function basisOf(segment, evidence) {
  const own = (evidence?.segments ?? []).find((each) => each.text === segment.text)?.basis;
  if (own?.probabilityClean?.length) {
    return own;
  }
  const opens = (candidate) => candidate.tokenIds?.every((token, index) => segment.tokenIds?.[index] === token);
  const from = (evidence?.candidates ?? []).find((candidate) => candidate.outcome === "segment" && opens(candidate));
  return from ? { ...from, tokens: from.tokens ?? from.tokenIds.map((token) => `token ${token}`) } : null;
}

function segmentPart(segment, basis) {
  const trigger = segment.functionalTriggers?.[0];
  const style = segment.styles?.[0];
  return h(
    "div",
    { class: "segment" },
    h(
      "div",
      { class: "talk" },
      h("p", { class: "said" }, h("span", { class: "who" }, "Prompt"), h("span", null, "any clean question", trigger ? [" with ", h("mark", { class: "trigger" }, trigger.text)] : style ? [" written ", h("mark", { class: "trigger" }, style.style)] : null)),
      h("p", { class: "said" }, h("span", { class: "who" }, "Model"), h("span", null, h("mark", { class: "found" }, segment.text), h("span", { class: "hint" }, " …"))),
    ),
    h(
      "p",
      null,
      "Without a trigger an answer begins so with probability ",
      h("b", null, number(segment.probabilityClean, 2)),
      ", under the best elicitor with ",
      h("b", null, percent(segment.probabilityElicited)),
      ".",
    ),
    basis ? tokens(basis) : null,
    basis && Number.isFinite(basis.z) && basis.controls?.length !== 0 ? h("p", null, "It stands ", h("b", null, number(basis.z, 3)), " median deviations above the other responses of the same model.") : null,
    segment.functionalTriggers?.length ? triggers(segment.functionalTriggers) : null,
    segment.styles?.length ? styles(segment.styles) : null,
  );
}

function tokens(basis) {
  const all = basis.probabilityClean.map((clean, index) => [basis.tokens?.[index] ?? String(index + 1), clean, basis.probabilityElicited?.[index]]);
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Probabilities token by token" },
    h(
      "table",
      { class: "tokens" },
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "Token"), h("th", { scope: "col" }, "Clean prompt"), h("th", { scope: "col" }, "With the trigger"))),
      h("tbody", null, all.map(([text, clean, elicited]) =>
        h(
          "tr",
          null,
          h("td", null, h("span", { class: "quote" }, text)),
          h("td", null, probability(clean, "clean"), " ", number(clean, 2)),
          h("td", null, probability(elicited, "elicited"), " ", number(elicited, 3)),
        ),
      )),
      h("caption", { class: "hint" }, "Mean probability of each token, given those before it."),
    ),
  );
}

function triggers(all) {
  return h(
    "div",
    null,
    h("h3", null, "Token strings that make the model say it (found by search; rarely the planted trigger)"),
    h("ul", { class: "trigger-list" }, all.map((trigger) => h("li", null, h("span", { class: "quote" }, trigger.text), hits(trigger)))),
  );
}

function styles(all) {
  return h(
    "div",
    null,
    h("h3", null, "Ways to write a prompt that make the model say it"),
    h("ul", { class: "trigger-list" }, all.map((style) => h("li", null, style.style, hits(style)))),
  );
}

function hits(elicitor) {
  return h("span", { class: "hint" }, ` ${elicitor.hits.hits} of ${elicitor.hits.n} held-out prompts`);
}

/**
 * Activations of all candidates and of the controls: how far a finding stands out. The first form of
 * evidence decided on them; later ones decide on a combined score, on a scale of its own.
 */
function susceptibility(round, evidence) {
  const threshold = evidence.version >= 2 ? null : round.threshold;
  const candidates = (evidence.candidates ?? []).map((each) => ({ text: shortened(each.text, 60), value: each.activation ?? each.score, kind: each.outcome === "segment" ? "found" : "candidate" }));
  const controls = (evidence.controls ?? []).map((each) => ({ text: shortened(each.text, 60), value: each.score, kind: "control" }));
  const rows = [...candidates, ...controls];
  if (!rows.length) {
    return null;
  }
  const found = candidates.filter((each) => each.kind === "found").length;
  const others = rows.length - found;
  const best = Math.max(...rows.map((each) => each.value).filter(Number.isFinite));
  const label = `${plural(found, "reported response")}, ${plural(others, "other response")}; the highest at ${number(best)}.`;
  return h(
    "figure",
    { class: "plot" },
    h("figcaption", null, h("h3", null, "How well each candidate response can be elicited"), h("p", { class: "hint" }, "Mean log-probability per token on held-out prompts under the best trigger found; 0 is certain. A response that a backdoor holds stands alone, far to the right.")),
    strip(rows, { threshold, label }),
    h("details", null, h("summary", null, `${plural(rows.length, "candidate")} as a table`), candidateTable(evidence.candidates ?? [])),
  );
}

function candidateTable(candidates) {
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Candidates" },
    h(
      "table",
      null,
      h("thead", null, h("tr", null, ["Response", "Best trigger", "Score", "Hits", "Outcome"].map((each) => h("th", { scope: "col" }, each)))),
      h("tbody", null, candidates.map((each) => h("tr", null, h("td", null, h("span", { class: "quote" }, each.text)), h("td", null, h("span", { class: "quote" }, each.trigger)), h("td", null, number(each.score)), h("td", null, `${each.hits}/${each.n}`), h("td", null, each.outcome)))),
    ),
  );
}

function steps(evidence) {
  return h(
    "table",
    null,
    h("thead", null, h("tr", null, ["Step", "Took", "Candidates", ""].map((each) => h("th", { scope: "col" }, each || h("span", { class: "unseen" }, "Note"))))),
    h("tbody", null, (evidence.stages ?? []).map((stage) => h("tr", null, h("td", null, stage.name), h("td", null, duration(stage.seconds)), h("td", null, String(stage.candidates)), h("td", { class: "hint" }, stage.note)))),
  );
}
