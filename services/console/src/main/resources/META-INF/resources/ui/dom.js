// Elements without markup: whatever a model's owner wrote becomes text, never elements.

/** Attributes that people read. */
const WORDS = new Set(["title", "aria-label", "placeholder"]);

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element. Properties: `class`, `dataset` (object), `on` (object of listeners), `vars` (object of
 * custom properties), everything else an attribute (false, null and undefined leave it out, true
 * sets it empty). Children: nodes, texts, numbers, nested arrays; null and false are left out.
 */
export function h(tag, properties, ...children) {
  return build(document.createElement(tag), properties, children);
}

/** The same for SVG. */
export function s(tag, properties, ...children) {
  return build(document.createElementNS(SVG, tag), properties, children);
}

function build(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === false || value === null || value === undefined) {
      continue;
    }
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) {
        element.addEventListener(event, listener);
      }
    } else if (name === "dataset") {
      Object.assign(element.dataset, value);
    } else if (name === "vars") {
      for (const [key, each] of Object.entries(value)) {
        element.style.setProperty(key, each);
      }
    } else {
      element.setAttribute(name, value === true ? "" : WORDS.has(name) ? visible(value) : String(value));
    }
  }
  append(element, children);
  return element;
}

/** Letters that show nothing, and those that turn the order of others around (Trojan Source). */
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** A text with what cannot be seen written out, so that it cannot pretend to be another one. */
export function visible(text) {
  return String(text).replace(UNSEEN, (letter) => `\\u${letter.codePointAt(0).toString(16).padStart(4, "0")}`);
}

function append(element, children) {
  for (const child of children) {
    if (Array.isArray(child)) {
      append(element, child);
    } else if (child instanceof Node) {
      element.append(child);
    } else if (child !== null && child !== undefined && child !== false) {
      element.append(document.createTextNode(visible(child)));
    }
  }
}

/** Puts these children in the place of all that an element has. */
export function fill(element, ...children) {
  const fragment = document.createDocumentFragment();
  append(fragment, children);
  element.replaceChildren(fragment);
  return element;
}

/** Whether the pointer or the keyboard is inside, so that a live update had better wait. */
export function busy(element) {
  return element.contains(document.activeElement) && document.activeElement !== element;
}

/** A link inside the console. */
export function link(href, properties, ...children) {
  return h("a", { href, ...properties }, ...children);
}

export const to = {
  overview: () => "#/",
  models: () => "#/models",
  model: (name) => `#/models/${encodeURIComponent(name)}`,
  screening: (id) => `#/screenings/${encodeURIComponent(id)}`,
  releases: () => "#/releases",
  triggers: () => "#/triggers",
  letters: () => "#/dead-letters",
  audit: () => "#/audit",
};
