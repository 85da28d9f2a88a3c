// One model: what it is, what serves it, every screening of it, and one timeline over all topics.

import { fill, h, to } from "../dom.js";
import { get, page as fetchPage, paths } from "../api.js";
import { gently, listen, onState } from "../stream.js";
import { actionButtons, card, empty, when } from "../parts.js";
import { count, digest, duration, magnitude, plural } from "../format.js";
import { status } from "../status.js";
import { timeline } from "../timeline.js";
import { channelCard } from "./releases.js";
import { json } from "../timeline.js";

export async function open({ parameters: [name] }) {
  const path = paths.model(name);
  const head = h("div");
  const channels = h("div");
  const runs = h("div");
  const policy = h("div");
  const filter = h("select", { "aria-label": "Topic" }, [
    ["", "All topics"], ["lazaret.events", "Facts"], ["lazaret.inbox", "Requests"], ["lazaret.commands", "Commands"], ["lazaret.releases", "Releases"],
  ].map(([value, text]) => h("option", { value }, text)));
  const place = h("div");
  let line = null;

  function showLine() {
    line?.stop();
    line = timeline({
      path: `${path}/timeline`,
      query: { topic: filter.value },
    });
    fill(place, line.element);
    return line.ready;
  }
  filter.addEventListener("change", showLine);

  const element = h(
    "div",
    null,
    head,
    h(
      "div",
      { class: "stack" },
      channels,
      runs,
      h("section", { class: "card" }, h("header", null, h("h2", null, "Timeline"), h("div", { class: "search" }, filter)), place),
      policy,
    ),
  );

  async function look() {
    const [model, releases] = await Promise.all([get(path), fetchPage("/api/releases", { model: name })]);
    fill(head, heading(model));
    fill(channels, releases.items.length ? card("Release channels", null, releases.items.map((each) => channelCard(each, again))) : null);
    fill(runs, card("Screenings", plural(model.screenings ?? 0, "screening"), runTable(model.recent ?? [])));
    fill(policy, policyCard(model));
  }
  const again = gently(400, () => look().catch(() => {}));
  const more = gently(250, () => line?.refresh());
  const concerns = (data) => data.model === name || data.modelName === name;
  const quiet = listen(({ name: kind, data }) => {
    if (concerns(data)) {
      again();
      if (kind === "event" && (!filter.value || filter.value === data.topic)) {
        line?.add(data);
      }
    }
  });
  const reconnected = onState((state, before) => {
    if (state === "live" && before === "lost") {
      again();
      more();
    }
  });
  await Promise.all([look(), showLine()]);
  return {
    element,
    stop() {
      quiet();
      reconnected();
      again.stop();
      more.stop();
      line?.stop();
    },
  };
}

function heading(model) {
  return h(
    "div",
    { class: "heading" },
    h(
      "div",
      null,
      h("p", { class: "trail" }, h("a", { href: to.models() }, "Models")),
      h("h1", null, model.name),
      h(
        "p",
        { class: "inline-facts" },
        status(model.state),
        h("span", null, h("b", null, model.architecture ?? "unknown architecture")),
        h("span", null, h("b", null, magnitude(model.parameters)), " parameters"),
        h("span", null, h("b", null, count(model.events)), " events"),
        h("span", null, "last ", when(model.lastEventAt ?? model.since)),
      ),
    ),
    h("div", { class: "actions" }, actionButtons((model.actions ?? []).filter((action) => action.name === "adoptPolicy"), {
      about: model.name,
      fields: { adoptPolicy: [{ name: "policy", label: "Policy, YAML or JSON", kind: "text", required: true }] },
    })),
  );
}

function runTable(runs) {
  if (!runs.length) {
    return empty("This model was not screened yet.");
  }
  return h(
    "table",
    { class: "rows table-cards" },
    h("thead", null, h("tr", null, ["State", "Screening", "Why", "Began", "Took"].map((each, i) => h("th", { scope: "col", class: i > 2 ? "num" : null }, each)))),
    h(
      "tbody",
      null,
      runs.map((run) =>
        h(
          "tr",
          null,
          h("td", null, status(run.state)),
          h("td", null, h("a", { href: to.screening(run.screeningId), class: "whole mono" }, run.screeningId.slice(0, 8)), run.rescreening ? h("p", { class: "sub" }, "looked at again") : null),
          h("td", null, h("p", { class: "clamp sub" }, run.why ?? run.message ?? "")),
          h("td", { class: "num" }, when(run.startedAt)),
          h("td", { class: "num" }, run.decidedAt ? duration((new Date(run.decidedAt) - new Date(run.startedAt)) / 1000) : "–"),
        ),
      ),
    ),
  );
}

function policyCard(model) {
  const policy = model.policy;
  if (!policy) {
    return null;
  }
  let rules = policy.policy;
  try {
    rules = typeof rules === "string" ? JSON.parse(rules) : rules;
  } catch {
    // shown as the text that it is
  }
  return h(
    "details",
    { class: "card fold" },
    h("summary", null, h("h2", null, "Policy"), h("span", { class: "hint" }, policy.adoptedBy ? `adopted by ${policy.adoptedBy}: ${policy.reason}` : "the built-in one", " · ", h("code", null, digest(policy.digest)))),
    h("div", { class: "body" }, json(rules)),
  );
}
