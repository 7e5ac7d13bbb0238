// Says in the page why a passkey did not work. The page holds the words; allauth's script reports the error.
document.addEventListener("allauth.error", (event) => {
  const note = document.getElementById("passkey-error");
  if (!note) return;
  event.preventDefault();
  const cancelled = ["NotAllowedError", "AbortError"].includes(event.detail.exception?.name);
  note.textContent = cancelled ? note.dataset.cancelled : note.dataset.failed;
  note.hidden = false;
});

// Where the browser knows no passkeys, or the address is not one they may be used on, the buttons would do nothing.
if (!window.PublicKeyCredential) {
  for (const element of document.querySelectorAll("[data-needs-passkey]")) element.hidden = true;
}
