// "3 minutes ago" goes on being true while the page is open.

const STEPS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const words = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "auto" });

function say(time) {
  const seconds = (new Date(time.dateTime) - Date.now()) / 1000;
  const [unit, length] = STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  time.textContent = unit === "second" ? words.format(0, "second") : words.format(Math.round(seconds / length), unit);
}

const sayAll = () => document.querySelectorAll("time[data-ago]").forEach(say);
sayAll();
setInterval(sayAll, 60_000);
document.addEventListener("htmx:afterSettle", sayAll);
