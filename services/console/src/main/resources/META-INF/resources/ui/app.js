// The frame: session, rooms, connection, colours; one page at a time.

import { fill, h, s, to } from "./dom.js";
import { get, onUnauthorised, page, post, remove } from "./api.js";
import { connect, disconnect, gently, listen, onState } from "./stream.js";
import { keepTimes, problemBox, toast } from "./parts.js";
import { digest } from "./format.js";

const ROOMS = [
  { name: "Overview", href: to.overview(), match: /^\/?$/ },
  { name: "Models", href: to.models(), match: /^\/(models|screenings)/ },
  { name: "Releases", href: to.releases(), match: /^\/releases/, badge: "waiting" },
  { name: "Triggers", href: to.triggers(), match: /^\/triggers/ },
  { name: "Dead letters", href: to.letters(), match: /^\/dead-letters/ },
  { name: "Audit", href: to.audit(), match: /^\/audit/, role: "admin" },
];

const ROUTES = [
  [/^\/?$/, () => import("./pages/overview.js"), () => "Overview"],
  [/^\/models$/, () => import("./pages/models.js"), () => "Models"],
  [/^\/models\/([^/]+)$/, () => import("./pages/model.js"), (name) => name],
  [/^\/screenings\/([^/]+)$/, () => import("./pages/screening.js"), () => "Screening"],
  [/^\/releases$/, () => import("./pages/releases.js"), () => "Releases"],
  [/^\/triggers$/, () => import("./pages/triggers.js"), () => "Triggers"],
  [/^\/dead-letters$/, () => import("./pages/letters.js"), () => "Dead letters"],
  [/^\/audit$/, () => import("./pages/audit.js"), () => "Audit"],
  [/^\/sign-in$/, () => import("./pages/signin.js"), () => "Sign in"],
];

const main = document.getElementById("main");
let current = null;
let session = { actor: null, roles: [] };

const route = () => location.hash.replace(/^#/, "").split("?")[0] || "/";

async function show() {
  const path = route();
  const found = ROUTES.map(([pattern, load, title]) => [pattern.exec(path), load, title]).find(([match]) => match);
  current?.stop?.();
  current = null;
  markRoom(path);
  if (!found) {
    document.title = "Not found – Lazaret";
    fill(main, h("p", { class: "loading" }, "There is no such page. ", h("a", { href: to.overview() }, "Go to the overview.")));
    return;
  }
  const [match, load, title] = found;
  const parameters = match.slice(1).map(decoded);
  document.title = `${title(...parameters)} – Lazaret`;
  const mine = (current = {});
  try {
    const module = await load();
    const opened = await module.open({ parameters, session, main });
    if (current === mine) {
      current = opened;
      fill(main, opened.element);
      opened.shown?.();
    } else {
      opened.stop?.();
    }
  } catch (error) {
    if (current === mine) {
      fill(main, h("div", { class: "stack" }, problemBox(error), h("p", null, h("a", { href: to.overview() }, "Back to the overview"))));
    }
  }
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

// ------------------------------------------------------------------ the bar

function logo() {
  return s(
    "svg",
    { viewBox: "0 0 32 32", "aria-hidden": "true" },
    s("rect", { width: 32, height: 32, rx: 7, fill: "var(--accent)" }),
    s("path", { d: "M10 7v18h13", fill: "none", stroke: "var(--on-accent)", "stroke-width": 3.4 }),
    s("circle", { cx: 21.5, cy: 12, r: 4.2, fill: "none", stroke: "var(--on-accent)", "stroke-width": 2.6 }),
  );
}

const badges = {};

function bar() {
  const rooms = ROOMS.filter((room) => !room.role || session.roles.includes(room.role));
  const connection = h("span", { class: "connection", role: "status" });
  onState((state) => {
    connection.dataset.state = state;
    connection.textContent = { live: "Live", connecting: "Connecting", lost: "Connection lost" }[state];
  });
  fill(
    document.getElementById("bar"),
    h("a", { class: "brand", href: to.overview() }, logo(), "Lazaret"),
    h(
      "nav",
      { class: "rooms", "aria-label": "Rooms" },
      rooms.map((room) => {
        const badge = room.badge ? (badges[room.badge] = h("span", { class: "badge", hidden: true })) : null;
        return h("a", { href: room.href, "data-room": room.name }, room.name, badge);
      }),
    ),
    h(
      "div",
      { class: "tools" },
      connection,
      h("button", { class: "button quiet small", type: "button", id: "theme", title: "Colours: as the system, light, dark", on: { click: turnTheme } }, themeName()),
      session.actor ? h("button", { class: "button quiet small", type: "button", title: `Signed in as ${session.actor} (${session.roles.join(", ")})`, on: { click: signOut } }, "Sign out") : null,
    ),
  );
  markRoom(route());
}

function markRoom(path) {
  document.querySelectorAll(".rooms a").forEach((element) => {
    const room = ROOMS.find((each) => each.name === element.dataset.room);
    if (room.match.test(path)) {
      element.setAttribute("aria-current", "page");
    } else {
      element.removeAttribute("aria-current");
    }
  });
}

async function countWaiting() {
  try {
    const answer = await page("/api/releases/waiting", { limit: 100 });
    const n = answer.total ?? answer.items.length;
    const badge = badges.waiting;
    if (badge) {
      badge.hidden = n === 0;
      fill(badge, String(n), h("span", { class: "unseen" }, n === 1 ? " release waits" : " releases wait"));
    }
  } catch {
    // The page itself tells when the server is away.
  }
}

// ------------------------------------------------------------------ colours

const THEMES = ["auto", "light", "dark"];

function theme() {
  const kept = localStorage.getItem("theme");
  return THEMES.includes(kept) ? kept : "auto";
}

const themeName = () => ({ auto: "◐ Auto", light: "○ Light", dark: "● Dark" })[theme()];

function turnTheme() {
  localStorage.setItem("theme", THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]);
  applyTheme();
  document.getElementById("theme").textContent = themeName();
}

function applyTheme() {
  const chosen = theme();
  if (chosen === "auto") {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = chosen;
  }
}

// ------------------------------------------------------------------ session

/** The link that the platform prints carries a token that is good once. */
async function redeem() {
  const fragment = new URLSearchParams(location.hash.replace(/^#/, ""));
  const token = fragment.get("token");
  if (token) {
    history.replaceState(null, "", `#${fragment.get("to") ?? "/"}`);
    try {
      session = await post("/api/session", { token });
      return;
    } catch (error) {
      session = { actor: null, roles: [] };
      toast("bad", "cross", error.message);
    }
  }
  try {
    session = { roles: [], ...(await get("/api/session")) };
  } catch (error) {
    if (error.status === 401) {
      location.hash = "#/sign-in";
    }
  }
}

async function signOut() {
  await remove("/api/session").catch(() => {});
  disconnect();
  location.hash = "#/sign-in";
  location.reload();
}

// ------------------------------------------------------------------ what everybody should see

function announce({ name, data }) {
  if (name !== "event") {
    return;
  }
  const record = data.record ?? {};
  if (data.type === "ReleaseRolledBack") {
    toast("bad", "back", `${data.model}: ${record.channel} was rolled back to ${record.restored ? digest(record.restored.digest) : "nothing"}.`, to.model(data.model));
  } else if (data.type === "ModelRejected") {
    toast("bad", "cross", `${data.model} was rejected.`, to.screening(data.screeningId));
  } else if (data.type === "ModelHeld") {
    toast("warn", "pause", `${data.model} waits for a decision.`, to.screening(data.screeningId));
  } else if (data.type === "ModelUnassessed") {
    toast("odd", "question", `${data.model} could not be assessed.`, to.screening(data.screeningId));
  }
}

async function start() {
  applyTheme();
  await redeem();
  bar();
  window.addEventListener("hashchange", () => {
    show().then(() => {
      window.scrollTo(0, 0);
      main.focus({ preventScroll: true });
    });
  });
  document.getElementById("skip").addEventListener("click", (event) => {
    event.preventDefault();
    main.focus();
  });
  onUnauthorised(() => {
    if (route() !== "/sign-in") {
      location.hash = "#/sign-in";
    }
  });
  const shown = show();
  if (route() !== "/sign-in") {
    connect();
    const recount = gently(1500, countWaiting);
    countWaiting();
    listen((message) => {
      announce(message);
      if (message.name !== "progress") {
        recount();
      }
    });
    onState((state, before) => state === "live" && before === "lost" && recount());
  }
  keepTimes();
  await shown;
}

start();
