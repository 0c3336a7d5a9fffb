"use strict";
// What the data files hand over, and helpers that every part uses. Data files call gripTrace.root, gripTrace.index and gripTrace.demo.
const gripTrace = (() => {
  const loaded = new Map();
  const kept = 4;
  const self = {
    index_: null,
    root_: "..",
    root(path) { self.root_ = path; },
    index(data) { self.index_ = data; },
    demo(data) {
      loaded.set(data.name, data);
      for (const name of [...loaded.keys()].slice(0, -kept)) loaded.delete(name);
    },

    /** A demo's own data: its file is a script that is added to the page. */
    load(row) {
      if (loaded.has(row.name)) return Promise.resolve(loaded.get(row.name));
      return new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = row.file;
        script.onload = () => { script.remove(); resolve(loaded.get(row.name)); };
        script.onerror = () => { script.remove(); reject(new Error(`${row.file} is not there: the folder is not whole`)); };
        document.head.append(script);
      });
    },

    /** A column's numbers; NaN where there is none. */
    numbers(column) {
      if (!column) return null;
      const text = atob(column.codes);
      const wide = column.bits === 16;
      const count = wide ? text.length / 2 : text.length;
      const none = wide ? 65535 : 255;
      const out = new Float64Array(count);
      for (let i = 0; i < count; i++) {
        const code = wide ? text.charCodeAt(2 * i) + 256 * text.charCodeAt(2 * i + 1) : text.charCodeAt(i);
        out[i] = code === none ? NaN : column.offset + column.scale * code;
      }
      return out;
    },

    /** A path from the output folder on, as the page's address for it. */
    file(path) { return `${self.root_}/${path.split("/").map(encodeURIComponent).join("/")}`; },
  };
  return self;
})();

/** An element with properties, attributes (`aria-…`, `data-…`, `role`, those of SVG) and children. */
function make(tag, properties = {}, ...children) {
  const isSVG = ["svg", "rect", "line", "g", "path", "text", "title", "circle"].includes(tag);
  const element = isSVG ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name === "class") element.setAttribute("class", value);
    else if (isSVG || name.includes("-") || name === "role" || name === "for") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function colourOf(variable) { return getComputedStyle(document.documentElement).getPropertyValue(variable).trim(); }
