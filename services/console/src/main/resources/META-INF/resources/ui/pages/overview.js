// What is in quarantine, what is running, what waits for a person, what was decided lately.

import { fill, h, link, to } from "../dom.js";
import { get } from "../api.js";
import { gently, listen, onState } from "../stream.js";
import { card, empty, problemBox, when } from "../parts.js";
import { count, digest, duration, percent, plural } from "../format.js";
import { STAGES, status } from "../status.js";
import { STAGE_WORDS } from "../words.js";

/** Between two looks at the server while things happen. */
const REFRESH_MILLIS = 250;

/** Between two looks while nothing is heard: ages grow, lag may rise without events. */
const IDLE_MILLIS = 10000;

export async function open() {
  const sentence = h("p", { class: "lead", id: "summary" });
  const notice = h("div");
  const lanes = h("div", { class: "lanes", role: "list", "aria-label": "Stages" });
  const verdicts = h("div");
  const channels = h("div");
  const element = h(
    "div",
    null,
    h("div", { class: "heading" }, h("div", null, h("h1", null, "Quarantine"), sentence)),
    notice,
    h(
      "div",
      { class: "stack" },
      lanes,
      h("div", { class: "columns" }, card("Recent verdicts", null, verdicts), card("Release channels", null, channels)),
    ),
  );

  let last = null;
  async function look() {
    try {
      last = await get("/api/overview");
      fill(notice);
    } catch (error) {
      if (last === null) {
        fill(notice, problemBox(error));
      }
      return;
    }
    fill(sentence, summary(last));
    fill(notice, trouble(last.server));
    fill(lanes, STAGES.map((stage) => lane(stage, (last.lanes ?? []).find((each) => each.stage === stage) ?? {})));
    fill(verdicts, verdictTable(last.verdicts ?? []));
    fill(channels, channelTable(last.channels ?? []));
  }

  // A heartbeat moves a bar at once; the server is asked only when something was recorded.
  function beat(progress) {
    const row = lanes.querySelector(`[data-screening="${CSS.escape(progress.screeningId)}"]`);
    if (!row || row.dataset.stage !== progress.stage) {
      again();
      return;
    }
    row.querySelector(".bar-fill").style.setProperty("--share", String(progress.fraction ?? 0));
    row.querySelector(".message").textContent = workWords(progress);
  }

  const again = gently(REFRESH_MILLIS, look);
  const quiet = listen(({ name, data }) => (name === "progress" ? beat(data) : again()));
  const reconnected = onState((state, before) => state === "live" && before === "lost" && again());
  const idle = setInterval(again, IDLE_MILLIS);
  await look();
  return {
    element,
    stop() {
      quiet();
      reconnected();
      again.stop();
      clearInterval(idle);
    },
  };
}

function summary({ counts = {} }) {
  const open = counts.open ?? 0;
  const waiting = counts.waiting ?? 0;
  return [
    waiting
      ? [h("a", { href: to.releases() }, h("strong", null, waiting === 1 ? "1 release waits for a decision" : `${count(waiting)} releases wait for a decision`)), ". "]
      : "Nothing waits for a decision. ",
    open ? `${plural(open, "screening")} at work. ` : "No screening at work. ",
    h("a", { href: to.models() }, `${plural(counts.models ?? 0, "model")} known`),
    ".",
  ];
}

function trouble(server = {}) {
  const all = [];
  if (server.caughtUp === false || server.behind > 1000) {
    all.push(h("p", { class: "banner tone-warn well-warn" }, `This console is ${count(server.behind)} records behind the log; what it shows may be old.`));
  }
  if (server.undecodable > 0) {
    all.push(
      h("p", { class: "banner tone-warn well-warn" }, server.undecodable === 1 ? "1 record cannot be read. " : `${count(server.undecodable)} records cannot be read. `, h("a", { href: to.letters() }, "Dead letters")),
    );
  }
  return all;
}

function lane(stage, { inFlight = 0, waiting = 0, lag, oldestSeconds, etaSeconds, typicalSeconds, failed = 0, screenings = [] }) {
  const at = inFlight + waiting > 0;
  const figure = (name, value) => [h("dt", null, name), h("dd", null, value)];
  return h(
    "section",
    { class: `lane card${at ? " active" : ""}`, role: "listitem", "data-stage": stage },
    h(
      "header",
      null,
      h("h2", null, stage[0] + stage.slice(1).toLowerCase()),
      h("span", { class: "in-flight" }, h("b", null, count(inFlight)), " at work"),
    ),
    h(
      "dl",
      { class: "figures" },
      figure("Waiting", count(waiting)),
      figure("Lag", lag === null || lag === undefined ? "–" : plural(lag, "record")),
      figure("Oldest", duration(oldestSeconds)),
      at || !typicalSeconds ? figure("Done in", duration(etaSeconds)) : figure("Usually", duration(typicalSeconds)),
    ),
    failed ? h("p", { class: "failed tone-warn" }, `${plural(failed, "failed attempt")}`) : null,
    h("ul", null, screenings.slice(0, 6).map((each) => worker(stage, each))),
    screenings.length > 6 ? h("p", { class: "hint more" }, link(`${to.models()}?state=${stage}`, null, `${screenings.length - 6} more`)) : null,
  );
}

function worker(stage, work) {
  const name = work.model?.name ?? work.model ?? "";
  return h(
    "li",
    { class: "worker", "data-screening": work.screeningId, "data-stage": stage },
    h("a", { href: to.screening(work.screeningId), class: "name" }, name),
    h(
      "div",
      { class: "bar-track", role: "progressbar", "aria-label": `${name}, ${STAGE_WORDS[stage]}`, "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": String(Math.round((work.fraction ?? 0) * 100)) },
      h("div", { class: "bar-fill", vars: { "--share": String(work.fraction ?? 0) } }),
    ),
    h("p", { class: "hint message" }, workWords(work)),
  );
}

function workWords({ round, fraction, etaSeconds, message, attempt }) {
  return [
    round > 1 ? `round ${round}` : null,
    attempt > 1 ? `attempt ${attempt}` : null,
    percent(fraction ?? 0, 0),
    etaSeconds ? `${duration(etaSeconds)} left` : null,
    message || null,
  ]
    .filter(Boolean)
    .join(" · ");
}

function verdictTable(verdicts) {
  if (!verdicts.length) {
    return empty("No verdict yet. Screen a model: ", h("code", null, "./lazaret screen MODEL_DIR --prompts prompts.jsonl"));
  }
  return h(
    "table",
    { class: "rows table-cards" },
    h("thead", null, h("tr", null, h("th", { scope: "col" }, "Verdict"), h("th", { scope: "col" }, "Model and reason"), h("th", { scope: "col", class: "num" }, "When"))),
    h(
      "tbody",
      null,
      verdicts.map((verdict) =>
        h(
          "tr",
          { "data-screening": verdict.screeningId },
          h("td", null, status(verdict.state)),
          h(
            "td",
            null,
            h("a", { href: to.screening(verdict.screeningId), class: "whole name" }, verdict.model?.name ?? verdict.model),
            verdict.reason ? h("p", { class: "sub clamp" }, verdict.reason) : null,
          ),
          h("td", { class: "num" }, when(verdict.at), h("div", { class: "sub" }, duration(verdict.durationSeconds))),
        ),
      ),
    ),
  );
}

function channelTable(channels) {
  if (!channels.length) {
    return empty("No channel names a checkpoint yet.");
  }
  return h(
    "table",
    { class: "rows table-cards" },
    h("thead", null, h("tr", null, h("th", { scope: "col" }, "Model"), h("th", { scope: "col" }, "Channel"), h("th", { scope: "col" }, "Serves"), h("th", { scope: "col", class: "num" }, "Since"))),
    h(
      "tbody",
      null,
      channels.map((each) =>
        h(
          "tr",
          { "data-channel": `${each.model}/${each.channel}` },
          h("td", null, h("a", { href: to.model(each.model), class: "whole name" }, each.model)),
          h("td", null, each.channel),
          h("td", null, each.released ? h("code", { title: each.released.digest }, digest(each.released.digest)) : h("span", { class: "tone-bad" }, "nothing")),
          h("td", { class: "num" }, when(each.since)),
        ),
      ),
    ),
  );
}
