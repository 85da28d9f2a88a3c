// One screening: the verdict in words, then how it came about, then every event.

import { fill, h, to } from "../dom.js";
import { get, paths } from "../api.js";
import { gently, listen, onState } from "../stream.js";
import { actionButtons, card, when } from "../parts.js";
import { digest, duration, magnitude, percent, plural } from "../format.js";
import { CLOSED, look as lookOf, status } from "../status.js";
import { headline, nextStep } from "../words.js";
import { json, timeline } from "../timeline.js";
import { gateCard, journey } from "./screening-gate.js";
import { detectionCard } from "./screening-detection.js";
import { curvesCard } from "./screening-curves.js";
import { evaluationCard } from "./screening-evaluation.js";

export async function open({ parameters: [id] }) {
  const path = paths.screening(id);
  const banner = h("div");
  const steps = h("div");
  const gate = h("div");
  const detection = h("div");
  const evaluation = h("div");
  const facts = h("div");
  const total = h("span", { class: "hint" });
  const curves = curvesCard(id);
  const line = timeline({ path: `${path}/events`, query: { order: "desc" } });
  const element = h(
    "div",
    { class: "stack screening" },
    banner,
    steps,
    gate,
    detection,
    curves.element,
    evaluation,
    h("section", { class: "card" }, h("header", null, h("h2", null, "Timeline"), total), line.element),
    facts,
  );
  let screening = null;

  async function look() {
    screening = await get(path);
    total.textContent = plural(screening.events ?? 0, "event");
    document.title = `${screening.model?.name ?? "Screening"}: ${lookOf(screening.state).word} – Lazaret`;
    fill(banner, bannerOf(screening, again));
    fill(steps, journey(screening));
    fill(gate, gateCard(screening));
    fill(evaluation, evaluationCard(screening));
    fill(facts, factsCard(screening));
    if (detection.dataset.sequence !== String(screening.sequence)) {
      detection.dataset.sequence = String(screening.sequence);
      fill(detection, await detectionCard(id, screening));
    }
  }

  const again = gently(250, () => look().catch(() => {}));
  const more = gently(150, () => line.refresh());
  const reread = gently(2000, () => curves.refresh());
  const quiet = listen(({ name, data }) => {
    if (data.screeningId !== id) {
      return;
    }
    if (name === "progress") {
      curves.heard(data);
      beat(banner, data, screening) || again();
    } else {
      if (name === "event") {
        line.add(data);
      }
      again();
      reread();
    }
  });
  const reconnected = onState((state, before) => {
    if (state === "live" && before === "lost") {
      again();
      more();
      reread();
    }
  });
  await Promise.all([look(), curves.refresh(), line.ready]);
  return {
    element,
    stop() {
      quiet();
      reconnected();
      again.stop();
      more.stop();
      reread.stop();
      line.stop();
    },
  };
}

function bannerOf(screening, after) {
  const { tone } = lookOf(screening.state);
  const work = !CLOSED.includes(screening.state);
  const next = nextStep(screening);
  const name = screening.model?.name ?? "";
  return h(
    "section",
    { class: `verdict well-${tone} tone-${tone}`, "data-state": screening.state, "aria-label": "Verdict" },
    h(
      "div",
      { class: "verdict-main" },
      h("p", { class: "trail" }, h("a", { href: to.models() }, "Models"), " / ", h("a", { href: to.model(name) }, name), " / screening ", h("span", { class: "mono" }, screening.screeningId.slice(0, 8))),
      h("h1", null, status(screening.state), " ", h("span", { class: "verdict-name" }, name)),
      h("p", { class: "verdict-why" }, headline(screening)),
      work ? workBar(screening) : null,
      next ? h("p", { class: "verdict-next" }, h("b", null, "What to do: "), next) : null,
      h(
        "p",
        { class: "inline-facts" },
        h("span", null, "began ", when(screening.startedAt)),
        h("span", null, work ? "at work for " : "took ", h("b", null, duration(tookSeconds(screening)))),
        screening.requestedBy ? h("span", null, "asked for by ", h("b", null, screening.requestedBy)) : null,
        screening.rescreening ? h("span", null, "looked at again: ", h("b", null, screening.reason ?? screening.rescreening)) : null,
        screening.awaiting ? h("span", null, h("b", null, `${screening.awaiting.approvals?.length ?? 0} of ${screening.awaiting.needed}`), " approvals") : null,
      ),
    ),
    h("div", { class: "actions" }, actionButtons(screening.actions, { match: screening.sequence, about: name, after, explain: Boolean(screening.awaiting) })),
  );
}

function tookSeconds(screening) {
  if (screening.verdict?.durationSeconds) {
    return screening.verdict.durationSeconds;
  }
  const end = screening.decidedAt ? new Date(screening.decidedAt) : new Date();
  return (end - new Date(screening.startedAt)) / 1000;
}

function workBar(screening) {
  const share = screening.fraction ?? 0;
  return h(
    "div",
    { class: "work" },
    h("div", { class: "bar-track", role: "progressbar", "aria-label": "Progress of the stage", "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": String(Math.round(share * 100)) }, h("div", { class: "bar-fill", vars: { "--share": String(share) } })),
    h("span", { class: "hint work-words" }, workWords(screening)),
  );
}

const workWords = ({ fraction, etaSeconds }) => `${percent(fraction ?? 0, 0)}${etaSeconds ? `, ${duration(etaSeconds)} left in this stage` : ""}`;

/** Moves the bar of the stage at work; false when the page shows another stage. */
function beat(banner, progress, screening) {
  if (!screening || screening.state !== progress.stage || (screening.round ?? progress.round) !== progress.round) {
    return false;
  }
  const fill_ = banner.querySelector(".work .bar-fill");
  fill_?.style.setProperty("--share", String(progress.fraction));
  fill_?.parentElement.setAttribute("aria-valuenow", String(Math.round(progress.fraction * 100)));
  const words = banner.querySelector(".work-words");
  if (words) {
    words.textContent = workWords(progress);
    banner.querySelector(".verdict-why").textContent = headline({ ...screening, message: progress.message });
  }
  return Boolean(words);
}

function factsCard(screening) {
  const inputs = screening.inputs ?? {};
  const model = screening.model ?? {};
  const released = screening.verdict?.released ?? screening.elimination?.checkpoint;
  const row = (name, ...value) => [h("dt", null, name), h("dd", null, ...value)];
  return h(
    "details",
    { class: "card fold" },
    h("summary", null, h("h2", null, "Inputs and identity"), h("span", { class: "hint" }, h("code", null, digest(model.digest)))),
    h(
      "div",
      { class: "body" },
      h(
        "dl",
        { class: "facts" },
        row("Model", model.name),
        row("Digest", h("code", null, model.digest)),
        row("Architecture", model.architecture ?? "–", ", ", magnitude(model.parameters), " parameters"),
        released ? row("Checkpoint", h("code", null, released.digest)) : null,
        row("Screening", h("code", null, screening.screeningId)),
        row("Seed", String(inputs.seed ?? "–")),
        inputs.template ? row("Template", h("span", { class: "quote" }, inputs.template)) : null,
        screening.evaluation?.protocol ? row("Protocol", h("code", null, screening.evaluation.protocol)) : null,
        row("Proof", h("code", null, `./lazaret export ${screening.screeningId} --out DIR`)),
      ),
      inputs.policy ? [h("h3", { class: "above" }, "Policy as applied"), json(asObject(inputs.policy))] : null,
    ),
  );
}

function asObject(policy) {
  try {
    return typeof policy === "string" ? JSON.parse(policy) : policy;
  } catch {
    return policy;
  }
}
