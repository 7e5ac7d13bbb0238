// A form is sent once, and is not left by accident with something typed in it.

let typed = null;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-guard]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  typed = null;
  form.setAttribute("aria-busy", "true");
});

// Back from the next page: the form may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-guard]");
  if (form) typed = form;
});

window.addEventListener("beforeunload", (event) => {
  if (typed?.isConnected) event.preventDefault();
});

// Ctrl-Enter sends the form one is in.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.closest("form")?.requestSubmit();
});

// After a refusal: to what is wrong.
document.querySelector("[data-focus]")?.focus();

// A filter form leaves out what was not filled in, so that addresses stay short.
document.addEventListener("htmx:configRequest", (event) => {
  const form = event.detail.elt;
  if (event.detail.verb !== "get" || !form.matches?.("form[data-tidy]")) return;
  for (const [key, value] of [...event.detail.formData.entries()]) {
    if (value === "") event.detail.formData.delete(key);
  }
});
