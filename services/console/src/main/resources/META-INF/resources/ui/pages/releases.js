// What waits for a person, what every channel serves, how it got there.

import { fill, h, to } from "../dom.js";
import { page as fetchPage } from "../api.js";
import { gently, listen, onState } from "../stream.js";
import { actionButtons, card, empty, problemBox, when } from "../parts.js";
import { ago, count, digest } from "../format.js";
import { status } from "../status.js";

const PAGE = 100;

export async function open() {
  const waiting = h("div", { class: "stack" });
  const channels = h("div");
  const decisions = h("div");
  const number = h("p", { class: "lead", role: "status" });
  const more = h("div", { class: "more-row" });
  const find = h("input", { type: "search", placeholder: "Model", "aria-label": "Channels of a model" });
  const element = h(
    "div",
    null,
    h("div", { class: "heading" }, h("div", null, h("h1", null, "Releases"), number)),
    h(
      "div",
      { class: "stack" },
      waiting,
      h("section", { class: "card" }, h("header", null, h("h2", null, "Channels"), h("div", { class: "search" }, find)), channels, more),
      card("Decisions of people", null, decisions),
    ),
  );
  let rows = [];
  let next = null;

  async function lookChannels() {
    const answer = await fetchPage("/api/releases", { limit: PAGE, model: find.value.trim() });
    rows = answer.items;
    next = answer.next;
    drawChannels();
  }

  function drawChannels() {
    fill(channels, rows.length ? rows.map((each) => channelCard(each, again)) : empty("No channel names a checkpoint yet."));
    fill(more, next ? h("button", { class: "button quiet", type: "button", on: { click: moreChannels } }, "More channels") : null);
  }

  async function moreChannels() {
    const answer = await fetchPage("/api/releases", { limit: PAGE, model: find.value.trim(), cursor: next });
    rows = rows.concat(answer.items);
    next = answer.next;
    drawChannels();
  }

  async function look() {
    const [wait, given] = await Promise.all([
      fetchPage("/api/releases/waiting", { limit: PAGE }),
      fetchPage("/api/approvals", { limit: 20 }).catch(() => ({ items: [] })),
      lookChannels(),
    ]);
    const n = wait.total ?? wait.items.length;
    number.textContent = n === 0 ? "Nothing waits for a decision." : n === 1 ? "1 release waits for a decision." : `${count(n)} releases wait for a decision.`;
    fill(waiting, wait.items.map((each) => waitingCard(each, again)));
    fill(decisions, decisionTable(given.items));
  }

  const again = gently(300, () => look().catch((error) => fill(waiting, problemBox(error))));
  find.addEventListener("input", gently(250, () => lookChannels().catch(() => {})));
  const quiet = listen(({ name }) => name !== "progress" && again());
  const reconnected = onState((state, before) => state === "live" && before === "lost" && again());
  await look();
  return {
    element,
    stop() {
      quiet();
      reconnected();
      again.stop();
    },
  };
}

function waitingCard(screening, after) {
  const awaiting = screening.awaiting ?? {};
  const name = screening.model?.name ?? screening.model;
  const given = awaiting.approvals?.length ?? 0;
  return h(
    "section",
    { class: "card waiting", "data-screening": screening.screeningId },
    h(
      "div",
      { class: "waiting-body" },
      h("div", null, status(screening.state), h("h2", null, h("a", { href: to.screening(screening.screeningId) }, name)), h("p", null, screening.why ?? "A person has to decide."), h(
        "p",
        { class: "inline-facts" },
        h("span", null, h("b", null, `${given} of ${awaiting.needed ?? 1}`), " approvals"),
        awaiting.requestedBy ? h("span", null, "asked for by ", h("b", null, awaiting.requestedBy)) : null,
        awaiting.until ? h("span", null, "expires ", h("b", null, ago(awaiting.until))) : null,
      )),
      h("div", { class: "actions" }, h("a", { class: "button", href: to.screening(screening.screeningId) }, "See why"), actionButtons(screening.actions, { match: screening.sequence, about: name, after, explain: true })),
    ),
  );
}

/** One channel of one model, with what may be done. */
export function channelCard(channel, after) {
  const now = channel.released?.digest;
  const others = (channel.candidates ?? []).map((each) => (typeof each === "string" ? each : each.digest)).filter((each) => each !== now);
  const choice = (label, usual) => ({
    name: "digest",
    label,
    kind: "choice",
    options: [...(usual ? [["", usual]] : []), ...others.map((each) => [each, digest(each)])],
  });
  const actions = (channel.actions ?? []).filter((each) => each.name !== "promote" || others.length);
  return h(
    "div",
    { class: "channel", "data-channel": `${channel.model}/${channel.channel}`, "data-revision": String(channel.revision) },
    h(
      "div",
      null,
      h("p", { class: "channel-name" }, h("a", { href: to.model(channel.model), class: "name" }, channel.model), " ", h("span", { class: "chip" }, channel.channel)),
      h("p", null, channel.released ? ["serves ", h("code", { title: now }, digest(now))] : h("span", { class: "status tone-bad" }, "serves nothing"), h("span", { class: "hint" }, " since ", when(channel.since), `, change ${count(channel.revision)}`)),
      h("p", { class: "hint" }, channel.reason, " ", channel.promotedBy ? h("a", { href: to.screening(channel.promotedBy) }, "The screening behind it") : null),
    ),
    h(
      "div",
      { class: "actions" },
      actionButtons(actions, {
        match: channel.revision,
        about: `${channel.model}/${channel.channel}`,
        small: true,
        after,
        fields: {
          promote: [{ ...choice("Checkpoint"), required: true }],
          rollback: [choice("Back to", "the last good checkpoint before")],
          rescreen: [{ name: "detect", label: "Run detection too", kind: "flag" }],
        },
      }),
    ),
  );
}

const DECISIONS = { APPROVED: ["PROMOTED", "Approved"], REJECTED: ["REJECTED", "Rejected"], HELD: ["HELD", "Held"], EXPIRED: ["UNASSESSED", "Expired"] };

function decisionTable(items) {
  if (!items.length) {
    return empty("Nobody had to decide yet.");
  }
  return h(
    "table",
    { class: "rows table-cards" },
    h("thead", null, h("tr", null, ["Decision", "Model", "By", "Reason", "When"].map((each, i) => h("th", { scope: "col", class: i > 3 ? "num" : null }, each)))),
    h("tbody", null, items.map((each) => {
      const [state, word] = DECISIONS[each.decision] ?? ["QUEUED", each.decision];
      return h(
        "tr",
        null,
        h("td", null, status(state, word)),
        h("td", null, h("a", { href: to.screening(each.screeningId), class: "name whole" }, each.model)),
        h("td", null, each.actor),
        h("td", null, each.reason),
        h("td", { class: "num" }, when(each.givenAt)),
      );
    })),
  );
}

