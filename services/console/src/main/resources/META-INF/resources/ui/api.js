// The REST API: JSON in and out, problems as exceptions, cursors.

/** What went wrong, in the platform's one form of errors. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail ?? body.sentence ?? body.title ?? `The server answered ${status}.`);
    this.status = status;
    this.code = body.code ?? `HTTP_${status}`;
    this.nextStep = body.nextStep ?? "";
  }
}

let unauthorised = () => {};

/** Hears when the session is missing or over. */
export function onUnauthorised(listener) {
  unauthorised = listener;
}

async function request(method, path, { body, headers, signal } = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      signal,
      credentials: "same-origin",
      redirect: "error",
      headers: {
        Accept: "application/json",
        ...(method === "GET" ? {} : { "X-Requested-With": "lazaret" }),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") {
      throw error;
    }
    throw new Problem(0, {
      code: "SERVER_AWAY",
      detail: "The server does not answer.",
      nextStep: "The page tries again by itself; look whether the platform runs.",
    });
  }
  const text = response.status === 204 ? "" : await response.text();
  const document = parsed(text);
  if (!response.ok) {
    if (response.status === 401 && path !== "/api/session") {
      unauthorised();
    }
    throw new Problem(response.status, document ?? {});
  }
  return document;
}

function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

/** A path with its query; what is null or empty is left out. */
export function address(path, query = {}) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") {
      search.set(name, value);
    }
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

export const get = (path, query, options) => request("GET", address(path, query), options);

/** A page of a list: {items, next, total}. Lists that are not paged count as one page. */
export async function page(path, query, options) {
  const answer = await get(path, query, options);
  return Array.isArray(answer)
    ? { items: answer, next: null, total: answer.length }
    : { items: answer.items ?? [], next: answer.next ?? null, total: answer.total ?? null };
}

/** Sends what a person decided; the key makes a repeated click one request. */
export function post(path, body, { match, key } = {}) {
  const headers = { "Idempotency-Key": key ?? crypto.randomUUID() };
  if (match !== undefined && match !== null) {
    headers["If-Match"] = `"${match}"`;
  }
  return request("POST", path, { body, headers });
}

export const remove = (path) => request("DELETE", path);

export const paths = {
  screening: (id) => `/api/screenings/${encodeURIComponent(id)}`,
  model: (name) => `/api/models/${encodeURIComponent(name)}`,
};
