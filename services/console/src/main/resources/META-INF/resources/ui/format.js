// Numbers, times and names as people read them.

const NARROW = " ";

export function count(value) {
  return value === null || value === undefined ? "–" : Number(value).toLocaleString("en-US");
}

/** 1068544 → 1.07 M */
export function magnitude(value) {
  if (!value) {
    return "–";
  }
  for (const [unit, size] of [["B", 1e9], ["M", 1e6], ["k", 1e3]]) {
    if (value >= size) {
      return `${(value / size).toPrecision(3)}${NARROW}${unit}`;
    }
  }
  return String(value);
}

export function bytes(value) {
  return `${magnitude(value)}${value >= 1000 ? "" : NARROW}B`;
}

/** 0.0099 → 0.99 %; small rates keep their digits. */
export function percent(rate, digits) {
  if (rate === null || rate === undefined || !Number.isFinite(Number(rate))) {
    return "–";
  }
  const value = rate * 100;
  const places = digits ?? (value === 0 || value === 100 ? 0 : value < 1 ? 2 : 1);
  return `${value.toFixed(places)}${NARROW}%`;
}

export function number(value, digits = 4) {
  if (value === null || value === undefined || !Number.isFinite(Number(value))) {
    return "–";
  }
  const absolute = Math.abs(value);
  if (absolute !== 0 && (absolute < 1e-3 || absolute >= 1e6)) {
    return Number(value).toExponential(1).replace("e-", "e−").replace(/^-/, "−");
  }
  return String(Number(Number(value).toPrecision(digits))).replace(/^-/, "−");
}

/** Seconds as 42 s, 1:51, 2 h 05. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(Number(seconds))) {
    return "–";
  }
  const whole = Math.round(seconds);
  if (seconds < 1) {
    return `${Math.round(seconds * 1000)}${NARROW}ms`;
  }
  if (whole < 60) {
    return `${whole}${NARROW}s`;
  }
  if (whole < 3600) {
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}${NARROW}min`;
  }
  if (whole < 48 * 3600) {
    return `${Math.floor(whole / 3600)}${NARROW}h${NARROW}${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")}`;
  }
  return `${Math.floor(whole / 86400)} days`;
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const FULL = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" });

export function clock(time) {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) {
    return "–";
  }
  const today = new Date().toDateString() === date.toDateString();
  return today ? CLOCK.format(date) : `${DAY.format(date)} ${CLOCK.format(date)}`;
}

export function fullTime(time) {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? "" : FULL.format(date);
}

/** 3 min ago, in 2 days. */
export function ago(time, now = Date.now()) {
  const seconds = (now - new Date(time).getTime()) / 1000;
  if (!Number.isFinite(seconds)) {
    return "–";
  }
  const size = Math.abs(seconds);
  const text =
    size < 5 ? "now"
    : size < 60 ? `${Math.floor(size)}${NARROW}s`
    : size < 3600 ? `${Math.floor(size / 60)}${NARROW}min`
    : size < 86400 ? `${Math.floor(size / 3600)}${NARROW}h`
    : `${Math.floor(size / 86400)}${NARROW}d`;
  return text === "now" ? text : seconds > 0 ? `${text} ago` : `in ${text}`;
}

/** Digests by their first letters, as people compare them. */
export function digest(value) {
  return value ? value.replace(/^sha256:/, "").slice(0, 12) : "–";
}

export function shortened(text, length = 80) {
  const flat = String(text ?? "");
  return flat.length <= length ? flat : `${flat.slice(0, length)}…`;
}

export function plural(n, one, many = `${one}s`) {
  return `${count(n)} ${n === 1 ? one : many}`;
}

export function capital(text) {
  return text ? text[0].toUpperCase() + text.slice(1) : text;
}

/**
 * Exact one-sided 95 % bounds of a proportion (Clopper and Pearson, 1934), by bisection of the
 * binomial tail.
 */
export function bounds95(hits, n) {
  if (!n) {
    return null;
  }
  return {
    lower: hits === 0 ? 0 : bisect((p) => upperTail(hits, n, p) < 0.05),
    upper: hits >= n ? 1 : bisect((p) => 1 - upperTail(hits + 1, n, p) > 0.05),
  };
}

function bisect(below) {
  let low = 0;
  let high = 1;
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (below(middle)) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return (low + high) / 2;
}

/** P(X >= k) for X binomial (n, p). */
function upperTail(k, n, p) {
  if (k <= 0) {
    return 1;
  }
  let logTerm = n * Math.log1p(-p);
  const step = Math.log(p) - Math.log1p(-p);
  let below = Math.exp(logTerm);
  for (let i = 1; i < k; i++) {
    logTerm += Math.log((n - i + 1) / i) + step;
    below += Math.exp(logTerm);
  }
  return Math.max(0, 1 - below);
}
