// Small charts in SVG: what they show stands beside them in words and numbers too.

import { h, s } from "./dom.js";
import { number, percent } from "./format.js";

/** Round steps for an axis from low to high. */
function ticks(low, high, about) {
  const raw = (high - low) / about || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= raw);
  const all = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-9; at += step) {
    all.push(Math.abs(at) < step * 1e-9 ? 0 : at);
  }
  return all;
}

const scale = (from, to, low, high) => (value) => from + ((value - low) / (high - low || 1)) * (to - from);

/**
 * Loss curves.
 *
 * @param series [{label, tone, points: [[share of the work, loss], …]}], points in order
 */
export function curve(series, { label }) {
  const width = 560;
  const height = 190;
  const drawn = series.filter((each) => each.points.length);
  const values = drawn.flatMap((each) => each.points.map((point) => point[1]));
  const high = Math.max(...values, 0.1) * 1.05;
  const x = scale(38, width - 10, 0, 1);
  const y = scale(height - 24, 8, 0, high);
  const grid = ticks(0, high, 4).map((at) => [
    s("line", { x1: 38, x2: width - 10, y1: y(at), y2: y(at), class: "grid" }),
    s("text", { x: 32, y: y(at) + 4, class: "tick end" }, number(at, 3)),
  ]);
  const shares = [0, 0.25, 0.5, 0.75, 1].map((at) => s("text", { x: x(at), y: height - 7, class: "tick middle" }, percent(at, 0)));
  const lines = drawn.map((each, index) => {
    const d = each.points.map(([at, value], i) => `${i ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("");
    const [at, value] = each.points.at(-1);
    return [
      s("path", { d, class: `curve line-${index % 4}` }),
      s("circle", { cx: x(at), cy: y(value), r: 3.5, class: `end-point line-${index % 4}` }),
    ];
  });
  return s("svg", { viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img", "aria-label": label }, grid, shares, lines);
}

/** The line of a legend that belongs to a series of a curve. */
export function swatch(index) {
  return s(
    "svg",
    { viewBox: "0 0 22 10", class: "swatch", "aria-hidden": "true" },
    s("path", { d: "M1 5H21", class: `curve line-${index % 4}` }),
  );
}

/**
 * Candidates and controls on one axis, with the threshold where it is on the same scale.
 *
 * @param rows [{text, value, kind: "found" | "candidate" | "control"}]
 */
export function strip(rows, { threshold, label }) {
  const width = 560;
  const bounded = Number.isFinite(threshold);
  const values = [...rows.map((row) => row.value), threshold].filter(Number.isFinite);
  const low = Math.min(...values);
  const high = Math.max(...values, 0);
  const pad = (high - low) * 0.06 || 1;
  const x = scale(72, width - 14, low - pad, high + pad);
  const lanes = ["found", "candidate", "control"].filter((kind) => rows.some((row) => row.kind === kind));
  const height = 30 + lanes.length * 30;
  const names = { found: "reported", candidate: "let go", control: "controls" };
  const marks = rows.filter((row) => Number.isFinite(row.value)).map((row) => {
    const cy = 24 + lanes.indexOf(row.kind) * 30;
    const mark =
      row.kind === "found"
        ? s("path", { d: `M${x(row.value)} ${cy - 7}l7 7l-7 7l-7-7z`, class: "mark found" })
        : s("circle", { cx: x(row.value), cy, r: 5, class: `mark ${row.kind}` });
    mark.append(s("title", null, `${row.text}: ${number(row.value)}`));
    return mark;
  });
  return s(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img", "aria-label": label },
    ticks(low - pad, high + pad, 7).map((at) => [
      s("line", { x1: x(at), x2: x(at), y1: 10, y2: height - 18, class: "grid" }),
      s("text", { x: x(at), y: height - 4, class: "tick middle" }, number(at)),
    ]),
    lanes.map((kind, index) => s("text", { x: 2, y: 28 + index * 30, class: "tick lane" }, names[kind])),
    bounded ? s("line", { x1: x(threshold), x2: x(threshold), y1: 6, y2: height - 18, class: "threshold" }) : null,
    bounded ? s("text", { x: x(threshold) - 5, y: 12, class: "tick end strong" }, "threshold") : null,
    marks,
  );
}

/**
 * One rate before and after with its exact intervals, and the bound of the gate.
 *
 * @param before, after {rate, lower, upper} or null
 */
export function beforeAfter(before, after, { bound, low = 0, high = 1, label }) {
  const width = 300;
  const x = scale(8, width - 8, low, high);
  const interval = (value, cy, kind) =>
    value
      ? [
          s("line", { x1: x(Math.max(low, value.lower)), x2: x(Math.min(high, value.upper)), y1: cy, y2: cy, class: `whisker ${kind}` }),
          kind === "before"
            ? s("circle", { cx: x(value.rate), cy, r: 4.5, class: "point before" })
            : s("rect", { x: x(value.rate) - 4.5, y: cy - 4.5, width: 9, height: 9, class: "point after" }),
        ]
      : [];
  return s(
    "svg",
    { viewBox: `0 0 ${width} 34`, class: "chart dumbbell", role: "img", "aria-label": label },
    s("line", { x1: x(low), x2: x(high), y1: 17, y2: 17, class: "grid" }),
    [low, (low + high) / 2, high].map((at) => s("line", { x1: x(at), x2: x(at), y1: 4, y2: 30, class: "grid" })),
    bound === undefined || bound === null ? null : s("line", { x1: x(bound), x2: x(bound), y1: 2, y2: 32, class: "threshold" }),
    interval(before, 11, "before"),
    interval(after, 24, "after"),
  );
}

/** A probability as a bar. */
export function probability(value, tone) {
  const share = Math.max(0.01, Math.min(1, value || 0));
  return h("span", { class: "prob", "aria-hidden": "true" }, h("span", { class: `prob-fill ${tone}`, vars: { "--share": share.toFixed(3) } }));
}

/** How far what was observed is from what was allowed. */
export function bullet(observed, bound, holds) {
  const high = Math.max(observed, bound, 1e-9) * 1.15;
  return h(
    "span",
    { class: `bullet ${holds ? "in" : "out"}`, "aria-hidden": "true" },
    h("span", { class: "bullet-fill", vars: { "--share": Math.max(0, observed / high).toFixed(3) } }),
    h("span", { class: "bullet-bound", vars: { "--share": (bound / high).toFixed(3) } }),
  );
}
