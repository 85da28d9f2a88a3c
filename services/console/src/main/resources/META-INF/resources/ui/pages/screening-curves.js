// Losses while models train: from the server at first, then heartbeat by heartbeat.

import { fill, h } from "../dom.js";
import { get, paths } from "../api.js";
import { gently } from "../stream.js";
import { curve, swatch } from "../charts.js";
import { capital, number } from "../format.js";

/** What trainings say of themselves in a heartbeat. */
const LOSS = /\b(?:(\w[\w -]*?) )?loss (-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/;

const POINTS = 500;

export function curvesCard(id) {
  const place = h("div");
  const element = h("section", { class: "card", hidden: true, "data-part": "curves" }, h("header", null, h("h2", null, "Training"), h("span", { class: "hint" }, "loss over the share of the work")), place);
  let series = [];

  function draw() {
    const drawn = series.filter((each) => each.points.length > 1);
    element.hidden = drawn.length === 0;
    const stages = [...new Set(drawn.map((each) => `${each.stage} ${each.round} ${each.attempt}`))];
    fill(place, h("div", { class: "curves body" }, stages.map((key) => figure(drawn.filter((each) => `${each.stage} ${each.round} ${each.attempt}` === key)))));
  }
  const soon = gently(200, draw);

  return {
    element,
    async refresh() {
      try {
        const kept = (await get(`${paths.screening(id)}/curves`)).series ?? [];
        series = kept.map((each) => ({ ...each, points: each.points.map(([share, value]) => [share, value]) }));
        draw();
      } catch {
        // Without curves the page stands; the timeline says what is wrong.
      }
    },
    heard(progress) {
      const match = LOSS.exec(progress.message ?? "");
      if (!match) {
        return;
      }
      const label = `${match[1] ? `${match[1]} ` : ""}loss`;
      const same = (each) => each.stage === progress.stage && each.round === progress.round && each.attempt === progress.attempt && each.label === label;
      let one = series.find(same);
      if (!one) {
        one = { stage: progress.stage, round: progress.round, attempt: progress.attempt, label, points: [] };
        series.push(one);
      }
      const last = one.points.at(-1);
      if (!last || progress.fraction > last[0]) {
        one.points.push([progress.fraction, Number(match[2])]);
        if (one.points.length > POINTS) {
          one.points = one.points.filter((point, index) => index % 2 === 0 || index === one.points.length - 1);
        }
        soon();
      }
    },
  };
}

function figure(series) {
  const [first] = series;
  const title = `${capital(first.stage.toLowerCase())}${first.round > 1 ? `, round ${first.round}` : ""}${first.attempt > 1 ? `, attempt ${first.attempt}` : ""}`;
  const words = series.map((each) => `${each.label} ${number(each.points[0][1])} → ${number(each.points.at(-1)[1])}`);
  return h(
    "figure",
    { class: "plot", "data-curve": first.stage },
    h("figcaption", null, h("h3", null, title), h("p", { class: "legend" }, series.map((each, index) => h("span", null, swatch(index), words[index])))),
    curve(series, { label: `${title}: ${words.join("; ")}` }),
  );
}
