// Draws the charts of a page from the descriptions in it. With `ast` Vega reads expressions instead of compiling them,
// which our policy forbids, as it does the styles that Vega would add: those are in charts.css.

const OPTIONS = {
  mode: "vega-lite",
  ast: true,
  actions: false,
  renderer: "svg",
  defaultStyle: false,
  hover: false,
  tooltip: { disableDefaultStyle: true },
};

const widthOf = (element) => Math.floor(element.clientWidth);

function followWidth(element, view) {
  let width = widthOf(element);
  new ResizeObserver(() => {
    const now = widthOf(element);
    if (!now || now === width) return;
    width = now;
    view.width(now).runAsync();
  }).observe(element);
}

async function draw(figure) {
  const drawing = figure.querySelector("[data-drawing]");
  const spec = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
  spec.width = widthOf(drawing);
  try {
    const config = { font: getComputedStyle(document.body).fontFamily };
    const { view } = await window.vegaEmbed(drawing, spec, { ...OPTIONS, config });
    followWidth(drawing, view);
  } catch (error) {
    // The table says the same.
    drawing.remove();
    figure.querySelector("details").open = true;
    console.error(error);
  }
}

async function drawAll() {
  for (const figure of document.querySelectorAll("[data-chart]")) await draw(figure);
}

drawAll();
