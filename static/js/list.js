// Ticking rows of a list, opening a row by a click anywhere on it, and going up and down by keyboard.

const boxes = () => [...document.querySelectorAll('#list tbody input[name="ids"]')];
let last = null;

function show() {
  const bar = document.getElementById("bulk");
  if (!bar) return;
  const ticked = boxes().filter((box) => box.checked).length;
  const said = bar.querySelector("[data-selected-count]");
  if (said) said.textContent = ticked ? said.dataset.selectedCount.replace("{n}", ticked) : "";
  const all = document.querySelector("[data-select-page]");
  if (all) {
    all.checked = ticked > 0 && ticked === boxes().length;
    all.indeterminate = ticked > 0 && !all.checked;
  }
}

function tick(checked) {
  for (const box of boxes()) box.checked = checked;
  const all = document.querySelector('#bulk input[name="all"]');
  if (all && !checked) all.checked = false;
  show();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-select-none]")) tick(false);
  const box = event.target.closest('input[name="ids"]');
  if (box) {
    // Shift: everything between this and the one ticked before.
    const all = boxes();
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      for (const between of all.slice(from, to + 1)) between.checked = box.checked;
    }
    last = box;
    show();
    return;
  }
  openRow(event);
});

const linkOf = (row) => row.querySelector("td.gx-fixed a, td a");

function openRow(event) {
  const row = event.target.closest("#list tbody tr");
  if (!row || event.target.closest("a, button, input, label, summary") || String(window.getSelection())) return;
  const link = linkOf(row);
  if (!link) return;
  if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
  else link.click();
}

// Only while the focus is on a row: a single letter must not act for somebody who dictates or types elsewhere.
const STEPS = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

document.addEventListener("keydown", (event) => {
  const row = event.target.closest("#list tbody tr");
  if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input:not([type=checkbox]), select, textarea")) return;
  const step = STEPS[event.key];
  if (step) {
    event.preventDefault();
    const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
    if (next) linkOf(next)?.focus();
  } else if (event.key === "x") {
    row.querySelector('input[name="ids"]')?.click();
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-page]")) tick(event.target.checked);
  if (event.target.matches('#bulk input[name="all"]') && event.target.checked) tick(true);
});

document.addEventListener("htmx:afterSettle", show);
show();
