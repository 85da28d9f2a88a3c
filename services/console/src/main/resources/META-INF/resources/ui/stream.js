// One stream for the whole page. It goes on after every interruption from where it was.

const EVENT_TYPES = ["event", "progress", "channel"];

/** Silence after which the connection counts as lost: the server says something every 10 s. */
const RETRY_MILLIS = [500, 1000, 2000, 4000];

const listeners = new Set();
const states = new Set();
let source = null;
let lastId = null;
let failures = 0;
let state = "connecting";
let timer = null;

function change(next) {
  if (next !== state) {
    const before = state;
    state = next;
    states.forEach((listener) => listener(next, before));
  }
}

/** Hears "connecting", "live", "lost" (with the state before), now and on every change. */
export function onState(listener) {
  states.add(listener);
  listener(state, null);
  return () => states.delete(listener);
}

/** Hears {name, data} of everything that happens; returns how to stop. */
export function listen(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function connect() {
  disconnect();
  const query = lastId === null ? "" : `?after=${encodeURIComponent(lastId)}`;
  source = new EventSource(`/api/stream${query}`);
  source.onopen = () => {
    failures = 0;
    change("live");
  };
  source.onerror = lost;
  for (const name of EVENT_TYPES) {
    source.addEventListener(name, (message) => heard(name, message));
  }
}

export function disconnect() {
  clearTimeout(timer);
  source?.close();
  source = null;
}

// The browser gives up on some errors; this one never does, and asks from the last id that it saw.
function lost() {
  source?.close();
  source = null;
  change("lost");
  clearTimeout(timer);
  timer = setTimeout(connect, RETRY_MILLIS[Math.min(failures, RETRY_MILLIS.length - 1)]);
  failures += 1;
}

function heard(name, message) {
  if (message.lastEventId) {
    lastId = message.lastEventId;
  }
  let data;
  try {
    data = JSON.parse(message.data);
  } catch {
    return;
  }
  listeners.forEach((listener) => listener({ name, data, id: message.lastEventId }));
}

/**
 * Calls `work` soon after it was asked to, at most once per `millis`, however often it is asked:
 * a burst of events becomes one look at the server.
 */
export function gently(millis, work) {
  let wanted = null;
  let last = 0;
  const run = () => {
    wanted = null;
    last = performance.now();
    work();
  };
  const ask = () => {
    if (wanted === null) {
      const wait = Math.max(0, millis - (performance.now() - last));
      wanted = setTimeout(run, wait);
    }
  };
  ask.stop = () => {
    clearTimeout(wanted);
    wanted = null;
  };
  return ask;
}
