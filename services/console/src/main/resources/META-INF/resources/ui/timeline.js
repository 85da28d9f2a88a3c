// What happened, newest first: retries folded with their count, every entry down to its record.

import { fill, h, visible } from "./dom.js";
import { get, page as fetchPage } from "./api.js";
import { clock, count, fullTime } from "./format.js";
import { glyph } from "./status.js";
import { entryLook, entryWords } from "./words.js";
import { empty, problemBox } from "./parts.js";

const PAGE = 200;

/** Entries that are asked for after an interruption. */
const NEWEST = 50;

/**
 * @param options `path` of the list, `query` of the topics and types that are wanted
 * @return {element, ready, add, refresh, stop}
 */
export function timeline({ path, query = {} }) {
  const list = h("div", { class: "timeline" });
  const end = h("div", { class: "timeline-end" });
  const element = h("div", null, list, end);
  const known = new Set();
  let next = null;
  let loading = false;
  const ended = new AbortController();
  const parameters = { body: "false", ...query };

  async function more() {
    if (loading) {
      return;
    }
    loading = true;
    try {
      const answer = await fetchPage(path, { ...parameters, limit: PAGE, cursor: next }, { signal: ended.signal });
      const fragment = document.createDocumentFragment();
      for (const item of answer.items) {
        known.add(item.id ?? item.at);
        fragment.append(entry(item));
      }
      list.append(fragment);
      next = answer.next;
      if (!known.size) {
        fill(end, empty("Nothing has happened yet."));
      } else {
        fill(end, next ? h("p", { class: "empty" }, "More as you scroll…") : null);
      }
    } catch (error) {
      if (error.name !== "AbortError") {
        fill(end, problemBox(error));
      }
    } finally {
      loading = false;
    }
  }

  /** An event from the stream, with its record: shown at once. */
  function add(item) {
    if (!known.has(item.id)) {
      known.add(item.id);
      const element = entry(item);
      element.classList.add("fresh");
      list.prepend(element);
      end.querySelector(".empty")?.remove();
    }
  }

  async function refresh() {
    try {
      const answer = await fetchPage(path, { ...parameters, limit: NEWEST }, { signal: ended.signal });
      const fresh = [];
      for (const item of answer.items) {
        if (known.has(item.id ?? item.at)) {
          break;
        }
        fresh.push(item);
      }
      for (const item of fresh.reverse()) {
        known.add(item.id ?? item.at);
        const element = entry(item);
        element.classList.add("fresh");
        list.prepend(element);
      }
      if (fresh.length) {
          end.querySelector(".empty")?.remove();
      }
    } catch (error) {
      if (error.name !== "AbortError") {
        fill(end, problemBox(error));
      }
    }
  }

  const watch = new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && next && more(), { rootMargin: "600px" });
  watch.observe(end);
  const ready = more();
  return {
    element,
    ready,
    add,
    refresh,
    stop() {
      watch.disconnect();
      ended.abort();
    },
  };
}

function entry(item) {
  const [shape, tone] = entryLook(item);
  const inside = h("div", { class: "inside" });
  const words = entryWords(item);
  const folded = item.type === "RETRIES";
  const element = h(
    "details",
    { class: "entry", "data-type": item.type },
    h(
      "summary",
      null,
      h("time", { datetime: item.at, title: fullTime(item.at) }, clock(item.at)),
      glyph(shape, tone),
      h("span", { class: "what" }, words),
      h("span", { class: "type" }, folded ? `StageFailed × ${count(item.count)}` : `${item.type}${item.sequence >= 0 && item.sequence !== null && item.sequence !== undefined ? ` #${item.sequence}` : ""}`),
    ),
    inside,
  );
  element.addEventListener("toggle", () => element.open && !inside.hasChildNodes() && show(item, inside), { passive: true });
  return element;
}

async function show(item, inside) {
  if (item.type === "RETRIES") {
    fill(inside, (item.items ?? []).map(entry));
    return;
  }
  if (item.type === "UNDECODABLE") {
    fill(inside, undecodable(item));
    return;
  }
  try {
    const whole = item.record ? item : await get(`/api/records/${encodeURIComponent(item.id)}`);
    fill(inside, where(whole), json(whole.record ?? whole));
  } catch (error) {
    fill(inside, problemBox(error));
  }
}

function where(item) {
  return h(
    "p",
    { class: "inline-facts record-place" },
    h("span", null, "topic ", h("b", null, item.topic ?? "–")),
    item.offset === undefined ? null : h("span", null, "at ", h("b", null, `${item.partition}/${item.offset}`)),
    item.screeningId ? h("span", null, "history ", h("b", { class: "mono" }, item.screeningId)) : null,
  );
}

function undecodable(item) {
  return [
    where(item),
    h("p", null, item.reason),
    h("pre", { class: "json", tabindex: "0", "aria-label": "Bytes of the record" }, hex(item.base64 ?? "")),
    h("p", { class: "hint" }, `${count(item.bytes)} bytes; nothing was lost: it stays on its topic.`),
  ];
}

/** The classic three columns: offset, bytes, printable letters. */
function hex(base64) {
  let raw;
  try {
    raw = atob(base64);
  } catch {
    return base64;
  }
  const lines = [];
  for (let at = 0; at < raw.length && at < 1024; at += 16) {
    const part = raw.slice(at, at + 16);
    const codes = [...part].map((c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join(" ");
    const letters = [...part].map((c) => (c >= " " && c <= "~" ? c : "·")).join("");
    lines.push(`${at.toString(16).padStart(4, "0")}  ${codes.padEnd(47)}  ${letters}`);
  }
  return lines.join("\n");
}

/** JSON with its keys set apart; texts stay texts. */
export function json(value) {
  const text = JSON.stringify(value, null, 2) ?? "";
  const box = h("pre", { class: "json", tabindex: "0", "aria-label": "Record as JSON" });
  const token = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  let at = 0;
  for (const match of text.matchAll(token)) {
    box.append(visible(text.slice(at, match.index)));
    const kind = match[1] ? (match[2] ? "key" : "text") : "plain";
    box.append(h("span", { class: kind }, match[1] ?? match[0]), match[2] ?? "");
    at = match.index + match[0].length;
    if (at > 200000) {
      break;
    }
  }
  box.append(visible(text.slice(at)));
  return box;
}
