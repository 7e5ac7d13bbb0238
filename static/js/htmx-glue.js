// htmx and Django: the CSRF token on every request that changes something, and words when a request fails.

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb === "get") return;
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  if (token) event.detail.headers["X-CSRFToken"] = token;
});

const SHOWN_FOR = 10_000;
const troubles = new Map();

// One trouble is said once, however often a page that asks again and again runs into it.
function toast(text) {
  const box = document.getElementById("messages");
  if (!box || !text) return;
  const known = troubles.get(text);
  if (known) clearTimeout(known.timer);
  const line = known?.line.isConnected ? known.line : lineWith(text);
  if (!line.isConnected) box.append(line);
  troubles.set(text, { line, timer: setTimeout(() => forget(text), SHOWN_FOR) });
}

function lineWith(text) {
  const line = document.createElement("div");
  line.className = "gx-toast gx-alert-error";
  line.setAttribute("role", "alert");
  line.dataset.toast = "";
  const words = document.createElement("span");
  words.textContent = text;
  line.append(words);
  return line;
}

function forget(text) {
  troubles.get(text)?.line.remove();
  troubles.delete(text);
}

const said = (name) => document.querySelector('meta[name="gx-words"]')?.dataset[name];

document.addEventListener("htmx:sendError", () => toast(said("offline")));
// It works again.
document.addEventListener("htmx:afterOnLoad", () => forget(said("offline")));
document.addEventListener("htmx:responseError", (event) => {
  // Signed out meanwhile, or the page is gone: the whole page says it better than a part of it.
  if (event.detail.xhr.status === 401 || event.detail.xhr.status === 403) location.reload();
  else toast(said("failed"));
});
// A part was asked for, and the answer is a whole page (the sign-in, say): go there.
document.addEventListener("htmx:beforeSwap", (event) => {
  const text = event.detail.xhr.responseText.trimStart().slice(0, 15).toLowerCase();
  if (text.startsWith("<!doctype html") && event.detail.target !== document.body) {
    event.detail.shouldSwap = false;
    location.assign(event.detail.xhr.responseURL);
  }
});
