// A field that chooses one record out of very many asks the server as one types. The library comes only where it is needed.

const marked = "select[data-pick], select[data-many], select[multiple]";
let library = null;

function load() {
  library ??= new Promise((resolve, reject) => {
    const meta = document.querySelector('meta[name="gx-pick"]');
    if (!meta) return reject(new Error("no picker on this page"));
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = meta.dataset.css;
    const script = document.createElement("script");
    script.src = meta.dataset.js;
    script.onload = () => resolve(window.TomSelect);
    script.onerror = reject;
    document.head.append(style, script);
  });
  return library;
}

function options(select) {
  const address = select.dataset.pick;
  const shared = {
    maxOptions: 200,
    closeAfterSelect: !select.multiple,
    plugins: select.multiple ? ["remove_button"] : [],
    allowEmptyOption: false,
    render: { no_results: null },
  };
  if (!address) return shared;
  return {
    ...shared,
    valueField: "value",
    labelField: "text",
    // The server decides what matches: pinyin finds Chinese names.
    searchField: [],
    score: () => () => 1,
    preload: "focus",
    load(text, show) {
      fetch(`${address}?q=${encodeURIComponent(text)}`, { headers: { "X-Requested-With": "fetch" } })
        .then((response) => (response.ok ? response.json() : { items: [] }))
        .then(({ items }) => {
          this.clearOptions((option) => this.items.includes(String(option.value)));
          show(items);
        })
        .catch(() => show());
    },
  };
}

async function enhance() {
  const selects = [...document.querySelectorAll(marked)].filter((select) => !select.tomselect);
  if (!selects.length) return;
  try {
    const TomSelect = await load();
    for (const select of selects) {
      if (select.tomselect) continue;
      // The picker takes the label for its own input; the field behind it is still read by some.
      select.setAttribute("aria-label", select.labels?.[0]?.textContent.trim() ?? "");
      new TomSelect(select, options(select));
    }
  } catch {
    // Without it the plain field still works, with the text box for those without scripts.
    for (const box of document.querySelectorAll(".gx-plain-only")) box.classList.remove("gx-plain-only");
  }
}

enhance();
document.addEventListener("htmx:afterSettle", enhance);
