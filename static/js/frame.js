// Sidebar, menus, dialogs, messages, look.
import { remember } from "./cookies.js";

const root = document.documentElement;

const SIDEBAR = {
  open() {
    root.classList.add("gx-sidebar-open");
    document.querySelector("#sidebar a, #sidebar button")?.focus();
  },
  close() {
    if (!root.classList.contains("gx-sidebar-open")) return;
    root.classList.remove("gx-sidebar-open");
    document.querySelector('[data-sidebar="open"]')?.focus();
  },
  fold() {
    remember("sidebar", root.classList.toggle("gx-folded") ? "folded" : "wide");
  },
};

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.gx-menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}

function showTheme(theme) {
  root.dataset.theme = theme;
  window.gxApplyTheme();
  remember("theme", theme);
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    if (button.dataset.themeChoice === theme) button.setAttribute("aria-pressed", "true");
    else button.removeAttribute("aria-pressed");
  }
}

document.addEventListener("click", (event) => {
  closeMenus(event.target);
  const sidebar = event.target.closest("[data-sidebar]");
  if (sidebar) {
    event.preventDefault();
    SIDEBAR[sidebar.dataset.sidebar]();
  }
  const theme = event.target.closest("[data-theme-choice]");
  if (theme) {
    event.preventDefault();
    showTheme(theme.dataset.themeChoice);
  }
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
  event.target.closest("[data-dismiss]")?.closest("[data-toast]")?.remove();
  if (event.target.closest("[data-back]")) history.back();
  // A click beside a dialog closes it.
  if (event.target.matches("dialog")) event.target.close();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest("details.gx-menu[open]");
  closeMenus();
  menu?.querySelector("summary")?.focus();
  SIDEBAR.close();
});

// Good news goes by itself; bad news stays until it is closed.
const SHOWN_FOR = 6000;
export function watchToasts() {
  for (const toast of document.querySelectorAll("[data-toast]:not([data-watched])")) {
    toast.dataset.watched = "";
    if (toast.matches(".gx-alert-success, .gx-alert-info")) setTimeout(() => toast.remove(), SHOWN_FOR);
  }
}
watchToasts();
document.addEventListener("htmx:afterSettle", watchToasts);
