// Who did what, from the log of all requests.

import { fill, h } from "../dom.js";
import { page as fetchPage } from "../api.js";
import { card, empty, when } from "../parts.js";

export async function open() {
  const body = h("tbody");
  const more = h("div", { class: "more-row" });
  let next = null;
  async function load() {
    const answer = await fetchPage("/api/audit", { limit: 100, cursor: next });
    next = answer.next;
    body.append(...answer.items.map(row));
    fill(more, next ? h("button", { class: "button quiet", type: "button", on: { click: load } }, "Older") : null);
  }
  await load();
  return {
    element: h(
      "div",
      null,
      h("div", { class: "heading" }, h("div", null, h("h1", null, "Audit"), h("p", { class: "lead" }, "Every request that changed something or was refused."))),
      card(
        null,
        null,
        body.hasChildNodes()
          ? h("table", { class: "rows table-cards" }, h("thead", null, h("tr", null, ["When", "Who", "Request", "About", "Answer"].map((each) => h("th", { scope: "col" }, each)))), body)
          : empty("Nothing yet."),
        more,
      ),
    ),
  };
}

function row(each) {
  return h(
    "tr",
    null,
    h("td", null, when(each.at)),
    h("td", null, each.actor ?? "nobody", each.roles?.length ? h("p", { class: "sub" }, each.roles.join(", ")) : null),
    h("td", null, h("code", null, each.action)),
    h("td", null, each.subject ?? ""),
    h("td", null, String(each.status ?? "")),
  );
}
