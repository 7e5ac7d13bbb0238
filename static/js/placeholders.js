// Puts a placeholder where the cursor is: into the field that was written in last, else into the message.

let field = document.querySelector("textarea[name=body]");

document.addEventListener("focusin", (event) => {
  if (event.target.matches("input[name=subject], textarea[name=body], textarea[name=text]")) field = event.target;
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  if (!button || !field) return;
  field.focus();
  field.setRangeText(button.dataset.insert, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
