// Sidebar, menus, dialogs, messages, look.
import { remember } from "./cookies.js";

const root = document.documentElement;

const page = () => document.querySelector(".gx-page");

const SIDEBAR = {
  open() {
    root.classList.add("gx-sidebar-open");
    page().inert = true;
    document.querySelector("#sidebar a, #sidebar button")?.focus();
  },
  close() {
    if (!root.classList.contains("gx-sidebar-open")) return;
    root.classList.remove("gx-sidebar-open");
    page().inert = false;
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

// Made wide while it lay over the page: it is part of the page again.
window.matchMedia("(min-width: 1024px)").addEventListener("change", (screen) => screen.matches && SIDEBAR.close());

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

// Up and down in an open menu. A field in it keeps its own keys.
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const menu = event.target.closest?.("details.gx-menu[open]");
  if (!step || !menu || !event.target.matches("summary, a, button, input[type=checkbox]")) return;
  const stops = [...menu.querySelectorAll("summary, a, button, input:not([type=hidden], :disabled)")];
  event.preventDefault();
  stops[(stops.indexOf(event.target) + step + stops.length) % stops.length].focus();
});

// Tabs that go on beyond the edge fade there, and the current one is in sight.
function markTabs() {
  for (const tabs of document.querySelectorAll(".gx-tabs")) {
    const more = [];
    if (tabs.scrollLeft > 1) more.push("start");
    if (tabs.scrollLeft + tabs.clientWidth < tabs.scrollWidth - 1) more.push("end");
    tabs.dataset.more = more.join(" ");
  }
}
function showCurrentTab() {
  for (const tab of document.querySelectorAll(".gx-tab[aria-current]")) {
    const tabs = tab.parentElement;
    tabs.scrollLeft = tab.offsetLeft - (tabs.clientWidth - tab.offsetWidth) / 2;
  }
  markTabs();
}
showCurrentTab();
document.addEventListener("scroll", (event) => event.target.matches?.(".gx-tabs") && markTabs(), { capture: true, passive: true });
window.addEventListener("resize", markTabs);
document.addEventListener("htmx:afterSettle", showCurrentTab);

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

// A long menu shows where one is.
document.querySelector("#sidebar [aria-current]")?.scrollIntoView({ block: "nearest" });
