// Every model that was ever taken in: searched and paged by the server, drawn row by row.

import { h, to } from "../dom.js";
import { fill } from "../dom.js";
import { gently, listen } from "../stream.js";
import { empty, virtualList, when } from "../parts.js";
import { count, magnitude, percent, plural } from "../format.js";
import { look, status } from "../status.js";

const STATES = ["", "OPEN", "WAITING", "PROMOTED", "HELD", "REJECTED", "UNASSESSED", "QUEUED", "DETECTION", "SIMULATION", "ELIMINATION", "EVALUATION"];
const SPECIAL = { "": "Every state", OPEN: "At work", WAITING: "Waiting for a person" };
const PHONE = matchMedia("(max-width: 720px)");

export async function open() {
  const asked = new URLSearchParams(location.hash.split("?")[1] ?? "");
  const number = h("span", { class: "hint", role: "status" });
  const text = h("input", { type: "search", placeholder: "Find by name", "aria-label": "Find models by name", value: asked.get("q") ?? "", name: "q" });
  const state = h("select", { "aria-label": "State", name: "state" }, STATES.map((each) => h("option", { value: each, selected: each === (asked.get("state") ?? "") }, SPECIAL[each] ?? look(each).word)));
  const sort = h("select", { "aria-label": "Order", name: "sort" }, h("option", { value: "recent" }, "Latest first"), h("option", { value: "name" }, "By name"));
  const place = h("div");
  const element = h(
    "div",
    null,
    h("div", { class: "heading" }, h("div", null, h("h1", null, "Models"), number), h("div", { class: "search", role: "search" }, text, state, sort)),
    h(
      "div",
      { class: "card models" },
      h("div", { class: "vhead models-grid", "aria-hidden": "true" }, ["State", "Model", "Channels", "Size", "Screenings", "Last event"].map((title, i) => h("span", { class: i > 2 ? "num" : null }, title))),
      place,
    ),
  );
  let list = null;

  function load() {
    list?.stop();
    list = virtualList({
      path: "/api/models",
      query: { q: text.value.trim(), state: state.value, sort: sort.value },
      height: () => (PHONE.matches ? 74 : 52),
      row,
      label: "Models",
      none: empty(text.value || state.value ? "No model is like that." : "No model was taken in yet."),
    });
    list.element.addEventListener("loaded", ({ detail }) => {
      number.textContent = detail.all || detail.total ? plural(detail.total, "model") : `${count(detail.total)} and more`;
    });
    fill(place, list.element);
  }

  const search = gently(200, () => {
    const query = new URLSearchParams();
    if (text.value) query.set("q", text.value);
    if (state.value) query.set("state", state.value);
    history.replaceState(null, "", `${to.models()}${query.size ? `?${query}` : ""}`);
    load();
  });
  text.addEventListener("input", search);
  state.addEventListener("change", search);
  sort.addEventListener("change", search);
  load();
  const quiet = listen(({ name, data }) => {
    if (name === "progress") {
      list.put((item) => item.screeningId === data.screeningId, { stage: data.stage, state: data.stage, fraction: data.fraction });
    } else if (name === "event" && data.record?.verdict) {
      list.put((item) => item.screeningId === data.screeningId, { state: data.record.verdict.decision, stage: null, lastEventAt: data.at });
    }
  });
  return {
    element,
    stop() {
      quiet();
      search.stop();
      list.stop();
    },
  };
}

function row(model) {
  const at = model.stage && model.fraction > 0 && !["PROMOTED", "HELD", "REJECTED", "UNASSESSED"].includes(model.state);
  return h(
    "div",
    { class: "models-grid" },
    h("span", null, status(model.state), at ? h("span", { class: "hint" }, ` ${percent(model.fraction, 0)}`) : null),
    h("a", { href: to.model(model.name), class: "name whole ellipsis", title: model.name }, model.name),
    h("span", { class: "chips" }, (model.channels ?? []).slice(0, 3).map((each) => h("span", { class: "chip" }, each.channel))),
    h("span", { class: "num hint" }, magnitude(model.parameters)),
    h("span", { class: "num hint" }, count(model.screenings)),
    h("span", { class: "num hint" }, when(model.lastEventAt ?? model.since)),
  );
}
