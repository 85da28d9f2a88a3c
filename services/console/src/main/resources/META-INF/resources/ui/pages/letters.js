// Records that nobody could read or work off: why, and back to where they came from.

import { fill, h } from "../dom.js";
import { page as fetchPage } from "../api.js";
import { gently, listen } from "../stream.js";
import { ask, empty, problemBox, when } from "../parts.js";
import { bytes, count, plural } from "../format.js";
import { glyph } from "../status.js";
import { json } from "../timeline.js";

export async function open({ session }) {
  const place = h("div", { class: "stack" });
  const number = h("p", { class: "lead" });
  const may = !session.actor || session.roles.some((role) => role === "operator" || role === "admin");
  const element = h("div", null, h("div", { class: "heading" }, h("div", null, h("h1", null, "Dead letters"), number)), place);
  const shown = new Map();
  /** The same as long as the letter is: what a person has opened stays open when the list is made anew. */
  function entryOf(topic, letter, make) {
    const key = `${topic}/${letter.offset}/${letter.replayed}`;
    if (!shown.has(key)) {
      shown.set(key, make());
    }
    return shown.get(key);
  }
  async function look() {
    const { items } = await fetchPage("/api/dead-letters", { limit: 500 });
    const topics = [...new Set(items.map((each) => each.topic))].sort();
    number.textContent = items.length ? `${plural(items.length, "record")} that could not be read or worked off. Nothing else waits behind them.` : "Every record could be read.";
    fill(place, items.length ? topics.map((topic) => topicCard(topic, items.filter((each) => each.topic === topic), may, again, entryOf)) : h("div", { class: "card" }, empty("No dead letters.")));
  }
  const again = gently(500, () => look().catch((error) => fill(place, problemBox(error))));
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

function replay(topic, letter, after) {
  ask({
    name: "replay",
    href: "/api/dead-letters/replay",
    body: letter ? { topic, offset: letter.offset } : { topic },
    about: letter ? `${topic} at ${letter.offset}` : topic,
    fields: [],
    after,
  });
}

function topicCard(topic, letters, may, after, entryOf) {
  const button = (text, name, work) =>
    h("button", { class: "button small", type: "button", "aria-label": name, "aria-disabled": may ? null : "true", title: may ? null : "Operators may replay.", on: { click: () => may && work() } }, text);
  return h(
    "section",
    { class: "card", "data-topic": topic },
    h("header", null, h("h2", { class: "mono" }, topic), h("div", { class: "actions" }, button(`Replay all ${count(letters.length)}`, `Replay all of ${topic}`, () => replay(topic, null, after)))),
    h("div", { class: "timeline" }, letters.map((letter) => entryOf(topic, letter, () => {
      const inside = h("div", { class: "inside" });
      const details = h(
        "details",
        { class: "entry" },
        h(
          "summary",
          null,
          when(letter.writtenAt),
          glyph("torn", letter.replayed ? "idle" : "bad"),
          h("span", { class: "what" }, `${letter.reason ?? "Unknown reason"} (${letter.code ?? "no code"})`),
          h("span", { class: "type" }, `${letter.replayed ? "replayed, " : ""}at ${letter.offset}${letter.bytes ? `, ${bytes(letter.bytes)}` : ""}`),
        ),
        inside,
      );
      details.addEventListener("toggle", () => {
        if (details.open && !inside.hasChildNodes()) {
          fill(inside, json(letter), h("div", { class: "actions" }, button("Replay", `Replay ${topic} at ${letter.offset}`, () => replay(topic, letter, after))));
        }
      });
      return details;
    }))),
  );
}
