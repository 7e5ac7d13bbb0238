// The ticket's page by keyboard, and drafts that survive a closed tab. Each control names its key in aria-keyshortcuts.

const KEYS = "ticket-keys";
const THEN_NEXT = "ticket-then-next";

// A browser may forbid storage; then nothing is kept, and all else works.
function kept(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
function keep(key, value) {
  try {
    if (value) localStorage.setItem(key, value);
    else localStorage.removeItem(key);
  } catch {
    // As above.
  }
}
function keys() {
  try {
    return Object.keys(localStorage);
  } catch {
    return [];
  }
}

// -- keys. Whoever dictates, or whose fingers rest on the keys, switches them off.

const control = document.querySelector("[data-keys-switch]");
if (control) {
  control.checked = kept(KEYS) !== "off";
  control.addEventListener("change", () => keep(KEYS, control.checked ? "" : "off"));
}

const isText = (element) => element.matches?.("textarea, select, input:not([type=checkbox]), [contenteditable]");

function press(target) {
  if (target.matches("textarea")) {
    target.focus();
    target.scrollIntoView({ block: "nearest" });
  } else if (target.matches("summary")) {
    target.parentElement.open = true;
    target.parentElement.querySelector("textarea")?.focus();
  } else {
    target.click();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.matches("textarea")) {
    event.target.blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isText(event.target)) return;
  if (kept(KEYS) === "off" || document.querySelector("dialog[open]")) return;
  const target =
    event.key === "u"
      ? document.querySelector(".gx-crumbs a")
      : document.querySelector(`[aria-keyshortcuts="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  press(target);
});

// -- drafts. A text is kept while it is written, and dropped once the thread shows that it has arrived: not when it was
// sent, because the server may have been away.

const DRAFT = "draft-ticket-";
const KEPT_DAYS = 30;
const DAY = 86_400_000;

const plain = (text) => text.replace(/\s+/g, "");
const arrived = new Set([...document.querySelectorAll(".gx-said-text")].map((said) => plain(said.textContent)));

function draftOf(key) {
  try {
    return JSON.parse(kept(key) ?? "null");
  } catch {
    return null;
  }
}

for (const key of keys()) {
  if (key.startsWith(DRAFT) && !(Date.now() - draftOf(key)?.at < KEPT_DAYS * DAY)) keep(key, "");
}

function say(text, isShown) {
  const said = text.form.querySelector("[data-draft-said]");
  if (said) said.hidden = !isShown;
}

for (const text of document.querySelectorAll("textarea[data-draft]")) {
  const key = DRAFT + text.dataset.draft;
  const draft = draftOf(key)?.text ?? "";
  if (draft && arrived.has(plain(draft))) {
    keep(key, "");
  } else if (draft && !text.value) {
    text.value = draft;
    text.closest("details")?.setAttribute("open", "");
    say(text, true);
  }
  let waiting = 0;
  const remember = () => {
    clearTimeout(waiting);
    keep(key, text.value.trim() ? JSON.stringify({ text: text.value, at: Date.now() }) : "");
    say(text, Boolean(text.value));
  };
  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(remember, 400);
  });
  text.form.addEventListener("submit", remember);
  // Closed, or gone on to the next ticket, before the wait was over.
  window.addEventListener("pagehide", () => waiting && remember());
}

// -- sent once, however often it is pressed

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-send-once]")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-send-once]")) delete form.dataset.sent;
});

// -- whether one goes on to the next ticket is a habit

const then = document.querySelector(`[data-remember="${THEN_NEXT}"]`);
if (then) {
  then.checked = kept(THEN_NEXT) === "yes";
  then.addEventListener("change", () => keep(THEN_NEXT, then.checked ? "yes" : ""));
}
