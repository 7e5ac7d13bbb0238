// What every page needs. Each part finds its elements by data attributes, so that pages need no script of their own.
import "./frame.js";
import "./forms.js";
import "./list.js";
import "./palette.js";
import "./pick.js";
import "./times.js";
import "./htmx-glue.js";
