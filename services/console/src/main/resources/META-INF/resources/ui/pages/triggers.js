// Triggers that people know of: every released model that one concerns is measured with it.

import { fill, h } from "../dom.js";
import { page as fetchPage } from "../api.js";
import { gently, listen } from "../stream.js";
import { ask, card, empty, when } from "../parts.js";
import { plural } from "../format.js";

export async function open({ session }) {
  const place = h("div");
  const number = h("p", { class: "lead" });
  const may = !session.actor || session.roles.some((role) => role === "operator" || role === "admin");
  const add = h("button", { class: "button primary", type: "button", "aria-disabled": may ? null : "true", title: may ? null : "Operators may add triggers.", on: { click: () => may && ask({
    name: "addTrigger",
    href: "/api/triggers",
    body: {},
    fields: [
      { name: "trigger", label: "Trigger text", required: true },
      { name: "target", label: "What a backdoored model answers", required: true },
      { name: "source", label: "Where it is known from", placeholder: "e.g. an advisory" },
      { name: "concerns", label: "Models, separated by commas; empty: all", list: true, placeholder: "llama-*, qwen-*" },
    ],
    after: () => again(),
  }) } }, "Add a trigger");
  const element = h("div", null, h("div", { class: "heading" }, h("div", null, h("h1", null, "Trigger intelligence"), number), h("div", { class: "actions" }, add)), card(null, null, place));
  async function look() {
    const items = await all();
    const present = items.filter((each) => !each.withdrawn).length;
    number.textContent = items.length ? `${plural(present, "known trigger")}. A new one is measured at once on every released model that it concerns.` : "What becomes known about triggers is measured at once on every released model that it concerns.";
    fill(place, items.length ? table(items, may ? again : null) : empty("No trigger is known yet."));
  }
  const again = gently(300, () => look().catch(() => {}));
  const quiet = listen(({ name }) => name === "event" && again());
  await look();
  return {
    element,
    stop() {
      quiet();
      again.stop();
    },
  };
}

async function all() {
  const items = [];
  let cursor = null;
  do {
    const answer = await fetchPage("/api/triggers", { limit: 200, cursor });
    items.push(...answer.items);
    cursor = answer.next;
  } while (cursor);
  return items;
}

function withdraw(each, after) {
  const act = { name: "withdrawTrigger", href: "/api/triggers/withdrawals", body: { triggerId: each.triggerId }, fields: [], about: each.trigger, after };
  return h("button", { class: "button small", type: "button", "data-action": act.name, "aria-label": `Withdraw: ${each.trigger}`, on: { click: () => ask(act) } }, "Withdraw");
}

/** @param after what follows a withdrawal; none where this person may not withdraw */
function table(items, after) {
  return h(
    "table",
    { class: "rows table-cards" },
    h("thead", null, h("tr", null, ["Trigger", "Makes a model answer", "Concerns", "Source", "Since", "Action"].map((each, i) => h("th", { scope: "col", class: i > 3 ? "num" : null }, each)))),
    h("tbody", null, items.map((each) =>
      h(
        "tr",
        null,
        h("td", null, h("span", { class: "quote" }, each.trigger)),
        h("td", null, each.target ? h("span", { class: "quote" }, each.target) : h("span", { class: "hint" }, "not known")),
        h("td", null, each.concerns?.length ? each.concerns.join(", ") : "all models"),
        h("td", null, each.source, each.reason ? h("p", { class: "sub" }, each.reason) : null),
        h("td", { class: "num" }, when(each.envelope?.occurredAt ?? each.at), each.actor ? h("div", { class: "sub" }, each.actor) : null),
        h("td", { class: "num" }, each.withdrawn ? h("span", { class: "hint" }, "withdrawn") : after ? withdraw(each, after) : null),
      ),
    )),
  );
}
