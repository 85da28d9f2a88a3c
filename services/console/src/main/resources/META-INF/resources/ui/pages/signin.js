import { h } from "../dom.js";
import { post } from "../api.js";
import { problemBox } from "../parts.js";
import { fill } from "../dom.js";

export async function open() {
  const token = h("input", { id: "token", name: "token", type: "password", autocomplete: "off", required: true });
  const place = h("div");
  const form = h(
    "form",
    { class: "card sign-in", novalidate: true },
    h("h1", null, "Sign in"),
    h("p", { class: "lead" }, "Open the link that the platform printed when it started, or give a token: ", h("code", null, "./lazaret token"), " issues one."),
    h("div", { class: "field" }, h("label", { for: "token" }, "Token"), token),
    place,
    h("div", { class: "actions" }, h("button", { class: "button primary", type: "submit" }, "Sign in")),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await post("/api/session", { token: token.value.trim() });
      location.hash = "#/";
      location.reload();
    } catch (error) {
      fill(place, problemBox(error));
    }
  });
  return { element: form };
}
