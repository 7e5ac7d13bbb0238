// The board: cards are dragged, or moved by keyboard. Each move is one request; what it answers is shown, and a card that
// somebody else has moved meanwhile goes where it is now.

const board = document.querySelector("[data-board]");
const said = document.querySelector("[data-board-said]");
const stagesDialog = document.getElementById("board-stages");
const lostDialog = document.getElementById("board-lost");

const columns = () => [...board.querySelectorAll("[data-stage]")];
const cardsOf = (column) => [...column.querySelectorAll("[data-deal]")];
const listOf = (column) => column.querySelector("[data-cards]");
const linkOf = (card) => card.querySelector(".gx-deal-name");
const cardAt = (target) => target.closest?.("[data-board] [data-deal]");

function announce(text) {
  said.textContent = "";
  // A new text is read out even where the words are the same.
  requestAnimationFrame(() => (said.textContent = text));
}

function toast(text, kind) {
  const line = document.createElement("div");
  line.className = `gx-toast gx-alert-${kind}`;
  line.setAttribute("role", kind === "error" ? "alert" : "status");
  const words = document.createElement("span");
  words.textContent = text;
  line.append(words);
  document.getElementById("messages").append(line);
  setTimeout(() => line.remove(), 8000);
}

function fromHtml(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}

function put(card, column, above) {
  if (above) above.after(card);
  else listOf(column).prepend(card);
}

const above = (card) => (card.previousElementSibling?.matches("[data-deal]") ? card.previousElementSibling : null);

// Where a card came from, to put it back.
const remember = (card) => ({ column: card.closest("[data-stage]"), above: above(card) });

async function send(card, column, was, reason) {
  const body = new FormData();
  body.set("stage", column.dataset.stage);
  body.set("seen_in", was.column.dataset.stage);
  body.set("above", above(card)?.dataset.deal ?? "");
  if (reason) body.set("lost_reason", reason);
  const token = document.querySelector('meta[name="csrf-token"]').content;
  return fetch(`${board.dataset.address}${card.dataset.deal}/move/${location.search}`, {
    method: "POST",
    body,
    headers: { "X-CSRFToken": token, Accept: "application/json" },
  });
}

async function settle(card, column, was) {
  const same = column === was.column;
  const reason = !same && column.dataset.kind === "lost" && was.column.dataset.kind !== "lost" ? await askWhy(card) : "";
  if (reason === null) {
    put(card, was.column, was.above);
    linkOf(card).focus();
    return;
  }
  card.setAttribute("aria-busy", "true");
  let answer = {};
  let response = null;
  try {
    response = await send(card, column, was, reason);
    answer = await response.json();
  } catch {
    // Said below: the server could not be reached, or answered with a page of its own.
  }
  card.removeAttribute("aria-busy");
  if (response?.ok && answer.card) return show(card, answer);
  // Whoever works by keyboard stays with the card, wherever it is now.
  const isFocused = card.contains(document.activeElement);
  put(card, was.column, was.above);
  toast(answer.message || board.dataset.wordsFailed, "error");
  if (response?.status === 409) {
    // Somebody was faster: show how things stand, also where the card is now.
    const stages = new Set([was.column.dataset.stage, column.dataset.stage, String(answer.stage ?? "")]);
    for (const one of columns()) if (stages.has(one.dataset.stage)) await refresh(one);
  }
  const there = isFocused && board.querySelector(`[data-deal="${card.dataset.deal}"]`);
  if (there) linkOf(there).focus();
}

function show(card, answer) {
  const isFocused = card.contains(document.activeElement);
  const fresh = fromHtml(answer.card);
  card.replaceWith(fresh);
  for (const [stage, html] of Object.entries(answer.heads)) {
    board.querySelector(`[data-head="${stage}"]`)?.replaceWith(fromHtml(html));
  }
  if (isFocused) linkOf(fresh).focus();
  const column = fresh.closest("[data-stage]");
  const place = cardsOf(column).indexOf(fresh) + 1;
  announce(board.dataset.wordsMoved.replace("{place}", place).replace("{stage}", column.getAttribute("aria-label")));
}

async function refresh(column) {
  const response = await fetch(`${board.dataset.address}stages/${column.dataset.stage}/${location.search}`);
  if (!response.ok) return;
  const fresh = fromHtml(await response.text());
  const focused = column.contains(document.activeElement) ? cardAt(document.activeElement)?.dataset.deal : null;
  column.replaceWith(fresh);
  window.htmx?.process(fresh);
  drag(fresh);
  const card = focused && board.querySelector(`[data-deal="${focused}"]`);
  if (card) linkOf(card).focus();
}

// Dialogs: which stage, and why it was lost. A dialog that is closed without an answer changes nothing.

function ask(dialog, card) {
  dialog.querySelector("[data-deal-name]").textContent = linkOf(card).textContent;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((answer) => dialog.addEventListener("close", () => answer(dialog.returnValue), { once: true }));
}

async function askWhy(card) {
  const field = lostDialog.querySelector("select");
  field.value = "";
  const answer = await ask(lostDialog, card);
  linkOf(card).focus();
  return answer === "lost" && field.value ? field.value : null;
}

async function askWhere(card) {
  const was = remember(card);
  const wanted = await ask(stagesDialog, card);
  const column = wanted && board.querySelector(`[data-stage="${wanted}"]`);
  linkOf(card).focus();
  if (!column || column === was.column) return;
  put(card, column, null);
  linkOf(card).focus();
  await settle(card, column, was);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-board] [data-move]");
  if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  askWhere(cardAt(button));
});

// Keyboard: arrow keys go, with Shift they carry the card along.

const SIDE = { ArrowLeft: -1, ArrowRight: 1 };
const UP_DOWN = { ArrowUp: -1, ArrowDown: 1 };

function go(card, event) {
  const column = card.closest("[data-stage]");
  if (event.key in UP_DOWN) {
    const cards = cardsOf(column);
    return cards[cards.indexOf(card) + UP_DOWN[event.key]];
  }
  // The next column that has a card, at the same height or as near as it gets.
  const place = cardsOf(column).indexOf(card);
  for (let next = neighbour(column, event); next; next = neighbour(next, event)) {
    const cards = cardsOf(next);
    if (cards.length) return cards[Math.min(place, cards.length - 1)];
  }
  return null;
}

function neighbour(column, event) {
  const all = columns();
  return all[all.indexOf(column) + SIDE[event.key]];
}

function carry(card, event) {
  const was = remember(card);
  if (event.key in SIDE) {
    const column = neighbour(was.column, event);
    if (!column) return;
    put(card, column, null);
    linkOf(card).focus();
    settle(card, column, was);
    return;
  }
  const other = event.key === "ArrowUp" ? was.above : card.nextElementSibling;
  if (!other?.matches("[data-deal]")) return;
  if (event.key === "ArrowUp") other.before(card);
  else other.after(card);
  linkOf(card).focus();
  settle(card, was.column, was);
}

board.addEventListener("keydown", (event) => {
  const card = cardAt(event.target);
  if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "m" || event.key === "M") {
    event.preventDefault();
    askWhere(card);
    return;
  }
  if (!(event.key in SIDE) && !(event.key in UP_DOWN)) return;
  event.preventDefault();
  if (event.shiftKey) carry(card, event);
  else {
    const next = go(card, event);
    if (next) linkOf(next).focus();
  }
});

// From the board itself to its first card.
board.addEventListener("keydown", (event) => {
  if (event.target === board && event.key === "ArrowDown") {
    event.preventDefault();
    const first = board.querySelector("[data-deal]");
    if (first) linkOf(first).focus();
  }
});

// Dragging.

let held = null;

function drag(column) {
  window.Sortable.create(listOf(column), {
    group: "deals",
    draggable: "[data-deal]",
    animation: 120,
    // A finger that scrolls is not one that drags.
    delay: 150,
    delayOnTouchOnly: true,
    ghostClass: "gx-deal-ghost",
    dragClass: "gx-deal-held",
    filter: "[data-move]",
    preventOnFilter: false,
    onStart: (event) => {
      held = remember(event.item);
    },
    onEnd: (event) => {
      const was = held;
      held = null;
      const column = event.item.closest("[data-stage]");
      if (was && (column !== was.column || above(event.item) !== was.above)) settle(event.item, column, was);
    },
  });
}

document.querySelector("[data-board-filter] select")?.addEventListener("change", (event) => event.target.form.requestSubmit());

// Scripts that are deferred run before modules do: Sortable is here.
for (const column of columns()) drag(column);
