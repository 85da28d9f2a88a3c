// Parts that several pages use: problems, messages, decisions, tables, lists that load as one scrolls.

import { fill, h } from "./dom.js";
import { page as fetchPage, post, Problem } from "./api.js";
import { glyph } from "./status.js";
import { ago, fullTime } from "./format.js";

/** A time as people say it, with the full one behind it. */
export function when(time) {
  return time ? h("time", { datetime: time, title: fullTime(time), class: "nowrap", "data-ago": time }, ago(time)) : h("span", null, "–");
}

/** Keeps every "3 min ago" on the page true. */
export function keepTimes() {
  setInterval(() => {
    const now = Date.now();
    document.querySelectorAll("time[data-ago]").forEach((time) => {
      const text = ago(time.dataset.ago, now);
      if (time.textContent !== text) {
        time.textContent = text;
      }
    });
  }, 5000);
}

export function problemBox(error) {
  if (!(error instanceof Problem)) {
    console.error(error);
  }
  return h(
    "div",
    { class: "problem", role: "alert" },
    h("p", null, error.message),
    error.nextStep ? h("p", { class: "next" }, error.nextStep) : null,
    error.code ? h("p", { class: "next mono" }, error.code) : null,
  );
}

export function empty(...text) {
  return h("p", { class: "empty" }, ...text);
}

export function card(title, hint, ...children) {
  return h(
    "section",
    { class: "card" },
    title ? h("header", null, h("h2", null, title), hint ? h("span", { class: "hint" }, hint) : null) : null,
    ...children,
  );
}

/** A message that goes by itself; a link leads to what it is about. */
export function toast(tone, shape, text, href) {
  const close = () => element.remove();
  const element = h(
    "div",
    { class: `toast tone-${tone}` },
    glyph(shape),
    h("p", null, href ? h("a", { href, on: { click: close } }, text) : text),
    h("button", { class: "button quiet small", type: "button", "aria-label": "Close the message", on: { click: close } }, "✕"),
  );
  const toasts = document.getElementById("toasts");
  toasts.append(element);
  while (toasts.children.length > 4) {
    toasts.firstChild.remove();
  }
  setTimeout(close, 12000);
}

const WORDS = {
  approve: { label: "Approve", title: "Approve the release", done: "Approved.", kind: "primary", says: "The release channel moves to this checkpoint once enough persons have approved." },
  reject: { label: "Reject", title: "Reject the release", done: "Rejected.", kind: "danger", says: "The model stays in quarantine." },
  hold: { label: "Hold", title: "Hold the release", done: "Held.", kind: "", says: "Whatever the verdict will be, a person has to decide." },
  promote: { label: "Promote", title: "Promote a checkpoint", done: "Promoted.", kind: "primary", says: "The channel will name the checkpoint that you choose." },
  rollback: { label: "Roll back", title: "Roll back the channel", done: "Rolled back.", kind: "danger", says: "The channel goes back to the checkpoint that you choose." },
  rescreen: { label: "Screen again", title: "Screen the release again", done: "Screening has begun.", kind: "", says: "What the channel names is measured again, now." },
  addTrigger: { label: "Add a trigger", title: "Add a known trigger", done: "Added.", kind: "primary", says: "Every released model that it concerns is measured with it at once." },
  withdrawTrigger: { label: "Withdraw", title: "Withdraw a trigger", done: "Withdrawn.", kind: "danger", says: "Nothing is measured against it any more. Its history stays." },
  adoptPolicy: { label: "Adopt a policy", title: "Adopt a policy", done: "Adopted.", kind: "", says: "New screenings and releases of the model follow it from now on." },
  replay: { label: "Replay", title: "Put records back", done: "Put back.", kind: "", says: "The records go back to the topic that they came from and are read again." },
};

/**
 * Buttons for the actions that the server allows here.
 *
 * @param actions as the API gives them
 * @param options `match` the state that the person sees, `fields` by action name, `about` the
 *     subject, `explain` where a decision is due: then one that this person may not take stays
 *     visible, says why, and does nothing
 */
export function actionButtons(actions, { match, fields = {}, about, small, after, explain } = {}) {
  return (actions ?? [])
    .filter((action) => WORDS[action.name])
    .filter((action) => action.allowed || (explain && action.why && action.name !== "hold"))
    .map((action) => {
      const words = WORDS[action.name];
      const where = action.body?.channel ? ` ${action.body.channel}` : "";
      return h(
        "button",
        {
          class: `button ${words.kind}${small ? " small" : ""}`,
          type: "button",
          "aria-disabled": action.allowed ? null : "true",
          title: action.allowed ? null : action.why,
          "data-action": action.name,
          "aria-label": about || where ? `${words.label}${where}: ${about ?? ""}` : null,
          on: {
            click: () =>
              action.allowed
                ? ask({ ...action, match, fields: fields[action.name] ?? [], about, after })
                : toast("idle", "ring", action.why),
          },
        },
        words.label,
      );
    });
}

/**
 * Asks for a reason and what else the action needs, sends it, tells what came of it.
 *
 * @param action {name, href, body, match, fields, about, after, reason: false where none is needed}
 */
export function ask(action) {
  const words = WORDS[action.name];
  const key = crypto.randomUUID();
  const place = h("div");
  const fields = action.fields.map((field) => fieldOf(field));
  const reason = action.reason === false ? null : fieldOf({ name: "reason", label: "Reason", kind: "text", required: true, placeholder: "Others will read this in the record." });
  const send = h("button", { class: `button ${words.kind || "primary"}`, type: "submit" }, words.label);
  const form = h(
    "form",
    { method: "dialog", novalidate: true },
    h("h2", { id: "ask-title" }, words.title),
    action.about ? h("p", null, h("span", { class: "quote" }, action.about)) : null,
    h("p", { class: "hint" }, action.says ?? words.says),
    fields.map((field) => field.element),
    reason?.element,
    place,
    h(
      "div",
      { class: "actions" },
      h("button", { class: "button quiet", type: "button", on: { click: () => dialog.close() } }, "Cancel"),
      send,
    ),
  );
  const dialog = h("dialog", { "aria-labelledby": "ask-title" }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = [...fields, ...(reason ? [reason] : [])];
    const missing = given.find((field) => !field.check());
    if (missing) {
      missing.focus();
      return;
    }
    send.disabled = true;
    try {
      const body = { ...action.body };
      given.forEach((field) => field.put(body));
      const answer = await post(action.href, body, { match: action.match, key });
      dialog.close();
      toast("good", "check", answer?.status === "ACCEPTED" ? "Accepted; the record will tell." : words.done);
      action.after?.(answer);
    } catch (error) {
      fill(place, problemBox(error));
      send.disabled = false;
    }
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  (fields[0] ?? reason)?.focus();
}

let fieldNumber = 0;

function fieldOf({ name, label, kind, required, placeholder, options, value, list }) {
  const id = `field-${(fieldNumber += 1)}`;
  const common = { id, name, placeholder, required, "aria-required": required ? "true" : null, autocomplete: "off" };
  const input =
    kind === "choice"
      ? h("select", common, options.map(([each, text]) => h("option", { value: each }, text)))
      : kind === "text"
        ? h("textarea", common, value)
        : kind === "flag"
          ? h("input", { id, name, type: "checkbox" })
          : h("input", { ...common, value, maxlength: 4000 });
  const element = h("div", { class: "field" }, h("label", { for: id }, label), input);
  return {
    element,
    focus: () => input.focus(),
    check() {
      const ok = !required || input.value.trim() !== "";
      input.setAttribute("aria-invalid", String(!ok));
      return ok;
    },
    put(body) {
      if (kind === "flag") {
        body[name] = input.checked;
      } else if (list) {
        body[name] = input.value.split(",").map((each) => each.trim()).filter(Boolean);
      } else if (input.value !== "" || required) {
        body[name] = input.value;
      }
    },
  };
}

/**
 * A list of thousands: rows of one height, only those in sight are elements, pages come from the
 * server as one scrolls.
 *
 * @param options path and query of the list, height of a row in pixels, `row(item)` → element,
 *     `label` for readers, `size` of a page
 */
export function virtualList({ path, query, height, row, label, size = 100, none }) {
  let items = [];
  let next = null;
  let total = null;
  let loading = null;
  let height_ = height();
  const space = h("div", { class: "vspace" });
  const list = h("div", { class: "vlist", role: "list", tabindex: "0", "aria-label": label }, space);
  const shown = new Map();
  const ended = new AbortController();

  async function more() {
    if (loading || (items.length && !next)) {
      return;
    }
    loading = fetchPage(path, { ...query, limit: size, cursor: next }, { signal: ended.signal });
    try {
      const answer = await loading;
      items = items.concat(answer.items);
      next = answer.next;
      total = next ? (answer.total ?? null) : items.length;
      list.dispatchEvent(new CustomEvent("loaded", { detail: { total: total ?? items.length, all: !next } }));
    } finally {
      loading = null;
    }
    if (!items.length) {
      fill(list, none ?? empty("Nothing here."));
      return;
    }
    draw();
  }

  function draw() {
    space.style.height = `${items.length * height_}px`;
    space.style.position = "relative";
    const first = Math.max(0, Math.floor(list.scrollTop / height_) - 8);
    const last = Math.min(items.length, Math.ceil((list.scrollTop + list.clientHeight) / height_) + 8);
    for (const [index, element] of shown) {
      if (index < first || index >= last) {
        element.remove();
        shown.delete(index);
      }
    }
    for (let index = first; index < last; index++) {
      if (!shown.has(index)) {
        const element = row(items[index]);
        element.classList.add("vrow");
        element.setAttribute("role", "listitem");
        element.setAttribute("aria-posinset", String(index + 1));
        element.setAttribute("aria-setsize", String(total ?? -1));
        element.style.height = `${height_}px`;
        element.style.transform = `translateY(${index * height_}px)`;
        shown.set(index, element);
        space.append(element);
      }
    }
    if (last > items.length - size / 2) {
      more().catch(failed);
    }
  }

  function failed(error) {
    if (error.name !== "AbortError") {
      fill(list, problemBox(error));
    }
  }

  function redraw() {
    height_ = height();
    shown.forEach((element) => element.remove());
    shown.clear();
    draw();
  }

  list.addEventListener("scroll", draw, { passive: true });
  const sized = new ResizeObserver(() => items.length && redraw());
  sized.observe(list);
  more().catch(failed);
  return {
    element: list,
    /** Takes a newer item in place of the one that `same` finds. */
    put(same, item) {
      const index = items.findIndex(same);
      if (index >= 0) {
        items[index] = { ...items[index], ...item };
        shown.get(index)?.remove();
        shown.delete(index);
        draw();
      }
      return index >= 0;
    },
    stop() {
      ended.abort();
      sized.disconnect();
    },
  };
}
