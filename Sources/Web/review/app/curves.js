"use strict";
// Curves over the recording's time, drawn by uPlot, with a cursor that all share.
class Curves {
  constructor(demo, columns, arm, first, last, seek) {
    Object.assign(this, { demo, columns, arm, first, last, seek, plots: [], waiting: [] });
    this.element = make("div", { class: "curves" });
    this.watch = new IntersectionObserver((entries) => {
      for (const entry of entries) if (entry.isIntersecting) this.fill(entry.target);
    }, { rootMargin: "200px" });
    this.basics();
    this.joints();
  }

  /** Plots are made when they come near the screen. */
  add(section, title, series, options = {}) {
    const known = series.filter(({ values }) => values);
    if (!known.length) return;
    const say = known.map(({ label, values, digits = 2, unit = "" }) => {
      let [low, high] = [Infinity, -Infinity];
      for (const value of values) { if (value < low) low = value; if (value > high) high = value; }
      return `${label} from ${low.toFixed(digits)} to ${high.toFixed(digits)}${unit}`;
    }).join("; ");
    const holder = make("div", { class: "plot", role: "img", "aria-label": `${title}: ${say}` });
    const legend = known.length > 1 ? make("span", { class: "legend" }, ...known.map(({ label, colour }) => make("span", {}, make("i", { style: `background:${colour}` }), label))) : null;
    section.append(make("figure", { class: options.wide ? "wide" : "" }, make("figcaption", {}, title, " ", legend), holder));
    this.waiting.push({ holder, known, options });
    this.watch.observe(holder);
  }

  fill(holder) {
    const at = this.waiting.findIndex((one) => one.holder === holder);
    if (at < 0) return;
    const [{ known, options }] = this.waiting.splice(at, 1);
    this.watch.unobserve(holder);
    const text = colourOf("--quiet");
    const grid = { stroke: colourOf("--line"), width: 0.5 };
    const axis = { stroke: text, grid, ticks: grid, font: "11px system-ui" };
    const limits = options.limits ?? [];
    const plot = new uPlot({
      width: Math.max(holder.clientWidth, 160), height: options.height ?? 110, legend: { show: false }, cursor: { show: false, drag: { x: false, y: false } },
      scales: { x: { time: false, range: [this.first, this.last] }, y: { range: (u, low, high) => options.range ?? Curves.room([low, high, ...limits]) } },
      axes: [{ ...axis, size: 24, values: (u, splits) => splits.map((value) => `${value} s`) }, { ...axis, size: 46 }],
      series: [{}, ...known.map(({ colour, label }) => ({ stroke: colour, width: 1.5, label, points: { show: false } }))],
      hooks: { draw: [(u) => {
        for (const limit of limits) {
          const y = u.valToPos(limit, "y", true);
          u.ctx.save(); u.ctx.strokeStyle = "#c0392b"; u.ctx.setLineDash([5, 4]); u.ctx.beginPath();
          u.ctx.moveTo(u.bbox.left, y); u.ctx.lineTo(u.bbox.left + u.bbox.width, y); u.ctx.stroke(); u.ctx.restore();
        }
      }] },
    }, [this.columns.t, ...known.map(({ values }) => Array.from(values, (value) => (Number.isNaN(value) ? null : value)))], holder);
    const cursor = make("div", { class: "cursor" });
    plot.over.append(cursor);
    plot.over.addEventListener("pointerdown", (event) => {
      const box = plot.over.getBoundingClientRect();
      this.seek(plot.posToVal(event.clientX - box.left, "x"));
    });
    this.plots.push({ plot, cursor, holder });
    if (this.now !== undefined) this.mark({ plot, cursor });
  }

  static room(values) {
    const known = values.filter((value) => Number.isFinite(value));
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const pad = 0.06 * (high - low || Math.abs(high) || 1);
    return [low - pad, high + pad];
  }

  scaled(name, factor) { return this.columns[name] ? this.columns[name].map((value) => value * factor) : null; }

  basics() {
    const section = make("section", {}, make("h3", {}, "Gripper, certainty, pictures"));
    const grid = make("div", { class: "grid" });
    section.append(grid);
    this.add(grid, "gripper width, mm", [{ label: "width", values: this.scaled("width", 1000), colour: "#2a6f97", unit: " mm", digits: 1 }]);
    this.add(grid, "sigma of the position, mm", [{ label: "sigma", values: this.scaled("sigma", 1000), colour: "#8a6d3b", unit: " mm" }]);
    this.add(grid, "height of the tool, mm", [{ label: "height", values: this.scaled("z", 1000), colour: "#5f7f9f", unit: " mm", digits: 0 }]);
    this.add(grid, "share of the picture, %", [
      { label: "human", values: this.scaled("human", 100), colour: "#d03050", unit: " %" },
      { label: "may be human, not taken out", values: this.scaled("unresolved", 100), colour: "#c9a227", unit: " %" }]);
    const margins = Object.keys(this.columns).filter((name) => name.startsWith("margin ")).map((name) => name.slice(7));
    this.add(grid, "margin to each kind of limit: 1 far, 0 at it", margins.map((check) => (
      { label: words.of(check), values: this.columns[`margin ${check}`], colour: Curves.hue(margins.indexOf(check)) })), { limits: [0], wide: true, height: 170 });
    if (grid.children.length) this.element.append(section);
  }

  static hue(n) { return ["#2a6f97", "#e0762f", "#3a9d5d", "#7b4fb0", "#c0392b", "#8a6d3b", "#c25b96", "#5f7f9f", "#8c9b1f", "#24a0a0", "#b9770e", "#6b6b6b", "#1f618d"][n % 13]; }

  joints() {
    const section = make("section", {}, make("h3", {}, "Joints against their limits"),
      make("p", { class: "quiet" }, "Position between its limits; below it how much of the limits on velocity, acceleration and torque is used, in %. "
        + "As it is exported; where nothing is, as it was solved."));
    const grid = make("div", { class: "grid" });
    section.append(grid);
    this.arm.joints.forEach((joint, j) => {
      if (!this.columns[`q${j}`]) return;
      const unit = joint.isRevolute ? "rad" : "m";
      const box = make("div", {});
      grid.append(box);
      this.add(box, `${joint.name}, ${joint.lower.toFixed(2)} to ${joint.upper.toFixed(2)} ${unit}`, [{ label: "position", values: this.columns[`q${j}`], colour: "#2a6f97", unit: ` ${unit}` }],
        { limits: [joint.lower, joint.upper], height: 120 });
      this.add(box, "use of limits, %", [
        { label: "velocity", values: this.scaled(`v${j}`, 100), colour: "#e0762f", unit: " %", digits: 0 },
        { label: "acceleration", values: this.scaled(`a${j}`, 100), colour: "#8a6d3b", unit: " %", digits: 0 },
        { label: "torque", values: this.scaled(`t${j}`, 100), colour: "#7b4fb0", unit: " %", digits: 0 }], { limits: [100], range: [0, 115], height: 90 });
    });
    if (grid.children.length) this.element.append(section);
  }

  mark({ plot, cursor }) { cursor.style.left = `${plot.valToPos(this.now, "x")}px`; }
  at(seconds) { this.now = seconds; for (const one of this.plots) this.mark(one); }

  resize() {
    for (const { plot, holder } of this.plots) {
      if (Math.abs(plot.width - holder.clientWidth) > 2 && holder.clientWidth) plot.setSize({ width: holder.clientWidth, height: plot.height });
      if (this.now !== undefined) this.mark({ plot, cursor: plot.over.querySelector(".cursor") });
    }
  }

  remove() { this.watch.disconnect(); for (const { plot } of this.plots) plot.destroy(); }
}
