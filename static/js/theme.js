// Runs before the first paint (no module, not deferred): whoever follows the device gets its look without a flash.
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = /(?:^|; )theme=(light|dark|auto)/.exec(document.cookie);
  const apply = () => {
    const theme = root.dataset.theme || (chosen ? chosen[1] : "auto");
    root.dataset.bsTheme = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
  };
  root.classList.add("gx-js");
  if (/(?:^|; )sidebar=folded/.test(document.cookie)) root.classList.add("gx-folded");
  apply();
  dark.addEventListener("change", apply);
  window.gxApplyTheme = apply;
})();
