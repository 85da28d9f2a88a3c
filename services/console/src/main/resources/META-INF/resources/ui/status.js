// States of screenings and rules: a shape and a word each, so that colour is never alone.

import { h, s } from "./dom.js";
import { capital } from "./format.js";

const STATES = {
  PROMOTED: { tone: "good", word: "Promoted", shape: "check" },
  HELD: { tone: "warn", word: "Held", shape: "pause" },
  REJECTED: { tone: "bad", word: "Rejected", shape: "cross" },
  UNASSESSED: { tone: "odd", word: "Unassessed", shape: "question" },
  QUEUED: { tone: "idle", word: "Queued", shape: "ring" },
  INGESTION: { tone: "busy", word: "Ingestion", shape: "half" },
  DETECTION: { tone: "busy", word: "Detection", shape: "half" },
  SIMULATION: { tone: "busy", word: "Simulation", shape: "half" },
  ELIMINATION: { tone: "busy", word: "Elimination", shape: "half" },
  EVALUATION: { tone: "busy", word: "Evaluation", shape: "half" },
  APPROVAL: { tone: "warn", word: "Waits for approval", shape: "pause" },
  CLEAN: { tone: "good", word: "Nothing found", shape: "check" },
  SUSPICIOUS: { tone: "bad", word: "Backdoor found", shape: "cross" },
};

const SHAPES = {
  check: () => [disc(), line("M4.6 8.3l2.3 2.3 4.5-4.9")],
  pause: () => [s("rect", { x: 1, y: 1, width: 14, height: 14, rx: 3, fill: "currentColor" }), line("M6 5v6M10 5v6")],
  cross: () => [s("path", { d: "M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5z", fill: "currentColor" }), line("M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4")],
  question: () => [
    s("circle", { cx: 8, cy: 8, r: 6.8, fill: "none", stroke: "currentColor", "stroke-width": 1.8, "stroke-dasharray": "3.1 2.2" }),
    s("path", { d: "M6.2 6.2c.1-1.1.8-1.7 1.8-1.7s1.9.7 1.9 1.7c0 1.5-1.9 1.5-1.9 2.9M8 11.2v.5", fill: "none", stroke: "currentColor", "stroke-width": 1.7, "stroke-linecap": "round" }),
  ],
  ring: () => [s("circle", { cx: 8, cy: 8, r: 6.3, fill: "none", stroke: "currentColor", "stroke-width": 1.8 })],
  half: () => [
    s("circle", { cx: 8, cy: 8, r: 6.3, fill: "none", stroke: "currentColor", "stroke-width": 1.8 }),
    s("path", { d: "M8 1.7a6.3 6.3 0 0 1 0 12.6z", fill: "currentColor" }),
  ],
  back: () => [disc(), line("M9.5 4.8L6 8l3.5 3.2")],
  person: () => [s("circle", { cx: 8, cy: 5, r: 3, fill: "currentColor" }), s("path", { d: "M2 14.5c0-3.3 2.6-5.5 6-5.5s6 2.2 6 5.5z", fill: "currentColor" })],
  warning: () => [s("path", { d: "M8 1.2l7.2 13H.8z", fill: "currentColor" }), line("M8 6v4M8 12.2v.1")],
  torn: () => [s("path", { d: "M2.5 1.5h7l4 4v9l-2-1.4-2 1.4-2-1.4-2 1.4-2-1.4-3 1.4z", fill: "none", stroke: "currentColor", "stroke-width": 1.6, "stroke-linejoin": "round" })],
  dot: () => [s("circle", { cx: 8, cy: 8, r: 3, fill: "currentColor" })],
};

function disc() {
  return s("circle", { cx: 8, cy: 8, r: 7.2, fill: "currentColor" });
}

function line(d) {
  return s("path", { d, fill: "none", stroke: "var(--card)", "stroke-width": 1.9, "stroke-linecap": "round", "stroke-linejoin": "round" });
}

/** A shape of 16 by 16; the word beside it says the same, so it is hidden from readers. */
export function glyph(shape, tone) {
  return s("svg", { viewBox: "0 0 16 16", class: `glyph${tone ? ` tone-${tone}` : ""}`, "aria-hidden": "true" }, (SHAPES[shape] ?? SHAPES.dot)());
}

export function look(state) {
  return STATES[state] ?? { tone: "idle", word: capital(String(state ?? "unknown").toLowerCase()), shape: "ring" };
}

/** Shape and word of a state; `word` says it otherwise. */
export function status(state, word) {
  const { tone, shape, word: usual } = look(state);
  return h("span", { class: `status tone-${tone}` }, glyph(shape), h("span", null, word ?? usual));
}

/** Shape and word of a rule of the gate. */
export function ruleStatus(holds) {
  return holds
    ? h("span", { class: "status tone-good" }, glyph("check"), "holds")
    : h("span", { class: "status tone-bad" }, glyph("cross"), "does not hold");
}

export const STAGES = ["INGESTION", "DETECTION", "SIMULATION", "ELIMINATION", "EVALUATION"];
export const CLOSED = ["PROMOTED", "HELD", "REJECTED", "UNASSESSED"];
