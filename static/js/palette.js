// Ctrl-K: find a record or go somewhere, all by keyboard. The results are links in a listbox, made by the server.

const palette = document.getElementById("palette");
const input = document.getElementById("palette-input");
let chosen = -1;

const options = () => [...palette.querySelectorAll('[role="option"]')];

function choose(index) {
  const all = options();
  if (!all.length) {
    input.removeAttribute("aria-activedescendant");
    return;
  }
  chosen = (index + all.length) % all.length;
  all.forEach((option, place) => option.setAttribute("aria-selected", place === chosen ? "true" : "false"));
  const option = all[chosen];
  if (option.id) input.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function open(text = "") {
  palette.showModal();
  input.value = text;
  input.focus();
  window.htmx?.trigger(input, "palette-open");
}

if (palette && input) {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (palette.open) palette.close();
      else open();
    }
  });
  for (const form of document.querySelectorAll("[data-palette-open]")) {
    form.addEventListener("click", (event) => {
      event.preventDefault();
      open();
    });
    form.querySelector("input")?.addEventListener("keydown", (event) => {
      if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      open(event.key);
    });
  }
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Escape") {
      // A search field would take the first press for itself, to clear its text.
      event.preventDefault();
      palette.close();
    } else if (event.key === "Enter" && !event.isComposing && options()[chosen]) {
      // Not while an input method is still composing Chinese.
      event.preventDefault();
      options()[chosen].click();
    }
  });
  // New results begin at the first. What follows them later moves nothing that somebody has chosen.
  let kept = null;
  palette.addEventListener("htmx:beforeSwap", (event) => {
    kept = event.target.id === "palette-results" ? null : options()[chosen];
  });
  palette.addEventListener("htmx:afterSwap", () => choose(Math.max(0, options().indexOf(kept))));
  palette.addEventListener("mousemove", (event) => {
    const place = options().indexOf(event.target.closest('[role="option"]'));
    if (place >= 0 && place !== chosen) choose(place);
  });
}
