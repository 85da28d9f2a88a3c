// Attack success and usefulness, before and after, each with its interval.

import { h } from "../dom.js";
import { card } from "../parts.js";
import { beforeAfter } from "../charts.js";
import { bounds95, number, percent, shortened } from "../format.js";
import { elicitor, UTILITY_WORDS } from "../words.js";

const BOUND = /^asrUpper95/;

export function evaluationCard(screening) {
  const evaluation = screening.evaluation;
  if (!evaluation) {
    return null;
  }
  const bound = (screening.gate?.rules ?? []).find((rule) => BOUND.test(rule.rule))?.bound ?? null;
  return h("div", { class: "stack" }, attacks(evaluation.asr ?? [], bound), utility(evaluation.utility ?? []));
}

/** {rate, lower, upper} of a proportion, as the server says it, else computed. */
function interval(proportion) {
  if (!proportion?.n) {
    return null;
  }
  const exact = bounds95(proportion.hits, proportion.n);
  return { rate: proportion.rate ?? proportion.hits / proportion.n, lower: proportion.lower95 ?? exact.lower, upper: proportion.upper95 ?? exact.upper };
}

function attacks(rows, bound) {
  if (!rows.length) {
    return null;
  }
  return card(
    "Attack success",
    h("span", { class: "legend" }, legend(bound)),
    h(
      "table",
      { class: "table-cards asr" },
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "With"), h("th", { scope: "col" }, "0 to 100 %"), h("th", { scope: "col", class: "num" }, "Before"), h("th", { scope: "col", class: "num" }, "After"), h("th", { scope: "col", class: "num" }, "Upper 95 %"), h("th", { scope: "col", class: "num" }, "Right answers"))),
      h("tbody", null, rows.map((row) => attackRow(row, bound))),
    ),
  );
}

function attackRow(row, bound) {
  const before = interval(row.before);
  const after = interval(row.after);
  const kind = elicitor(row.elicitor);
  const label = `Attack success with ${kind} ${row.text}: ${percent(before?.rate)} before, ${percent(after?.rate)} after`;
  const within = after && bound !== null ? after.upper <= bound + 1e-9 : null;
  return h(
    "tr",
    null,
    h("td", null, h("p", null, kind), row.text ? h("p", null, h("span", { class: "quote" }, shortened(row.text, 60))) : null, row.unassessed ? h("p", { class: "sub tone-odd" }, `${row.unassessed} trials without a score`) : null),
    h("td", { class: "plot-cell" }, beforeAfter(before, after, { bound, label })),
    h("td", { class: "num", "data-label": "before" }, fraction(row.before)),
    h("td", { class: "num", "data-label": "after" }, h("b", null, fraction(row.after))),
    h("td", { class: `num ${within === false ? "tone-bad" : ""}`, "data-label": "upper 95 %" }, after ? percent(after.upper, 2) : "–", within === false ? " ✕" : ""),
    h("td", { class: "num hint", "data-label": "right answers" }, `${percent(row.correctBefore?.rate)} → ${percent(row.correctAfter?.rate)}`),
  );
}

const fraction = (proportion) => (proportion?.n ? `${proportion.hits} of ${proportion.n}` : "not measured");

function legend(bound) {
  return [
    h("span", null, h("span", { class: "key before", "aria-hidden": "true" }), "before"),
    h("span", null, h("span", { class: "key after", "aria-hidden": "true" }), "after the repair, exact 95 % bounds"),
    bound === null ? null : h("span", null, h("span", { class: "key bound", "aria-hidden": "true" }), `allowed ${percent(bound, 2)}`),
  ];
}

function utility(rows) {
  if (!rows.length) {
    return null;
  }
  return card(
    "Usefulness",
    "a repair must not cost what the model is for",
    h(
      "table",
      { class: "table-cards asr" },
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "Measure"), h("th", { scope: "col" }, "0 to 100 %"), h("th", { scope: "col", class: "num" }, "Before"), h("th", { scope: "col", class: "num" }, "After"), h("th", { scope: "col", class: "num" }, "Change"), h("th", { scope: "col", class: "num" }, "n"))),
      h("tbody", null, rows.map(utilityRow)),
    ),
  );
}

function utilityRow(row) {
  const rate = /^(exactMatch|multipleChoice)/.test(row.name);
  const show = rate ? (value) => percent(value, 1) : (value) => number(value);
  const side = (value, given) => {
    if (!rate || value === null || value === undefined) {
      return null;
    }
    const exact = given ? { lower: given[0], upper: given[1] } : bounds95(Math.round(value * row.n), row.n);
    return exact && { rate: value, ...exact };
  };
  const before = side(row.before, row.beforeInterval);
  const after = side(row.after, row.afterInterval);
  const change = row.after - row.before;
  const range = (value) => (value ? h("p", { class: "sub" }, `${percent(value.lower, 1)} to ${percent(value.upper, 1)}`) : null);
  const name = UTILITY_WORDS[row.name] ?? row.name;
  return h(
    "tr",
    null,
    h("td", null, name),
    h("td", { class: "plot-cell" }, rate ? beforeAfter(before, after, { label: `${name}: ${show(row.before)} before, ${show(row.after)} after` }) : null),
    h("td", { class: "num", "data-label": "before" }, show(row.before), range(before)),
    h("td", { class: "num", "data-label": "after" }, h("b", null, show(row.after)), range(after)),
    h("td", { class: "num", "data-label": "change" }, rate ? `${change > 0 ? "+" : change < 0 ? "−" : ""}${Math.abs(change * 100).toFixed(1)} points` : `${change > 0 ? "+" : ""}${number(change, 3)}`),
    h("td", { class: "num hint", "data-label": "n" }, String(row.n)),
  );
}
