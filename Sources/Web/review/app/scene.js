"use strict";
// The tool's path in space with the arm at the moment of the cursor; turned by dragging or by the arrow keys, drawn without a library.
class Scene {
  constructor(demo, columns, arm) {
    Object.assign(this, { demo, columns, arm, yaw: 2.36, pitch: 0.5, zoom: 1, sample: 0 });
    this.canvas = make("canvas", { tabIndex: 0, role: "img", "aria-label": "The tool's path in space with the arm. Arrow keys turn it, plus and minus zoom." });
    const button = (name, yaw, pitch) => make("button", { onclick: () => { Object.assign(this, { yaw, pitch }); this.draw(); } }, name);
    this.element = make("div", { class: "scene" }, this.canvas,
      make("div", { class: "views" }, button("corner", 2.36, 0.5), button("above", Math.PI / 2, Math.PI / 2), button("front", Math.PI, 0.05), button("side", Math.PI / 2, 0.05)),
      make("div", { class: "legend" }, make("span", {}, make("i", { style: "background:#3a9d5d" }), "far from every limit"),
        make("span", {}, make("i", { style: "background:#e3a33a" }), "near"), make("span", {}, make("i", { style: "background:#a11d1d" }), "beyond, or left out"),
        make("span", {}, make("i", { style: "background:#9a9a9a" }), "not judged")));
    this.bounds();
    this.pointers();
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  bounds() {
    const { x, y, z } = this.columns;
    const low = [-0.1, -0.1, 0];
    const high = [0.1, 0.1, 0.2];
    const take = (p) => { for (let k = 0; k < 3; k++) if (Number.isFinite(p[k])) { low[k] = Math.min(low[k], p[k]); high[k] = Math.max(high[k], p[k]); } };
    for (let i = 0; x && i < x.length; i++) take([x[i], y[i], z[i]]);
    for (let i = 0; x && i < x.length; i += Math.ceil(x.length / 8)) for (const p of this.armPoints(i) ?? []) take(p);
    this.centre = low.map((value, k) => (value + high[k]) / 2);
    this.radius = Math.max(0.15, 0.5 * Math.hypot(...low.map((value, k) => high[k] - value)));
    this.margins = x ? this.leastMargins(x.length) : null;
  }

  /** The least of all checks' margins by sample; -1 where frames are left out. */
  leastMargins(count) {
    const out = new Float64Array(count).fill(NaN);
    for (const [name, values] of Object.entries(this.columns)) {
      if (!name.startsWith("margin ")) continue;
      for (let i = 0; i < count; i++) if (!(values[i] >= out[i])) out[i] = Number.isNaN(values[i]) ? out[i] : values[i];
    }
    const t = this.columns.t;
    for (const span of this.demo.outcome) {
      if (span.label === "exported") continue;
      for (let i = 0; i < count; i++) if (t[i] >= span.start && t[i] < span.end) out[i] = -1;
    }
    return out;
  }

  static colour(margin) {
    if (Number.isNaN(margin)) return "#9a9a9a";
    if (margin < 0) return "#a11d1d";
    const steps = ["#d9482b", "#e07b2f", "#e3a33a", "#d6bd45", "#a9b84a", "#74ab53", "#3a9d5d"];
    return steps[Math.min(6, Math.floor((margin / 0.5) * 6))];
  }

  /** The arm's joints and tool in the table's frame at a sample; null where its joints or its place are not known. */
  armPoints(sample) {
    const { basePosition, baseRotationXYZW } = this.demo;
    const joints = this.arm.skeleton.joints;
    if (!basePosition || !baseRotationXYZW) return null;
    const q = joints.map((_, j) => this.columns[`q${j}`]?.[sample]);
    if (q.some((value) => value === undefined || Number.isNaN(value))) return null;
    const place = (p) => add(turn(quaternion(baseRotationXYZW), p), basePosition);
    let rotation = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
    let offset = [0, 0, 0];
    const points = [place([0, 0, 0])];
    joints.forEach((joint, j) => {
      points.push(place(add(turn(rotation, joint.point), offset)));
      const own = joint.isRevolute ? aboutAxis(joint.axis, q[j]) : [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
      const shift = joint.isRevolute ? add(joint.point, turn(own, joint.point).map((value) => -value)) : joint.axis.map((value) => value * q[j]);
      offset = add(turn(rotation, shift), offset);
      rotation = product(rotation, own);
    });
    points.push(place(add(turn(rotation, this.arm.skeleton.tool), offset)));
    return points;
  }

  pointers() {
    let last = null;
    this.canvas.addEventListener("pointerdown", (event) => { last = [event.clientX, event.clientY]; this.canvas.setPointerCapture(event.pointerId); });
    this.canvas.addEventListener("pointerup", () => { last = null; });
    this.canvas.addEventListener("pointermove", (event) => {
      if (!last) return;
      this.yaw -= (event.clientX - last[0]) * 0.01;
      this.pitch = Math.min(1.57, Math.max(-0.3, this.pitch + (event.clientY - last[1]) * 0.01));
      last = [event.clientX, event.clientY];
      this.draw();
    });
    this.canvas.addEventListener("wheel", (event) => { event.preventDefault(); this.zoom *= event.deltaY < 0 ? 1.1 : 0.9; this.draw(); }, { passive: false });
    this.canvas.addEventListener("keydown", (event) => {
      const moves = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };
      if (moves[event.key]) { this.yaw += moves[event.key][0]; this.pitch = Math.min(1.57, Math.max(-0.3, this.pitch + moves[event.key][1])); }
      else if (event.key === "+" || event.key === "-") this.zoom *= event.key === "+" ? 1.1 : 0.9;
      else return;
      event.preventDefault();
      event.stopPropagation();
      this.draw();
    });
  }

  at(sample) { this.sample = sample; this.draw(); }

  draw() {
    const scale = window.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width || !height) return;
    if (this.canvas.width !== Math.round(width * scale)) this.canvas.width = Math.round(width * scale);
    if (this.canvas.height !== Math.round(height * scale)) this.canvas.height = Math.round(height * scale);
    const c = this.canvas.getContext("2d");
    c.setTransform(scale, 0, 0, scale, 0, 0);
    c.clearRect(0, 0, width, height);
    const zoom = (0.46 * Math.min(width, height) * this.zoom) / this.radius;
    const [cy, sy, cp, sp] = [Math.cos(this.yaw), Math.sin(this.yaw), Math.cos(this.pitch), Math.sin(this.pitch)];
    const onScreen = (p) => {
      const d = [p[0] - this.centre[0], p[1] - this.centre[1], p[2] - this.centre[2]];
      const along = cy * d[0] + sy * d[1];
      const right = sy * d[0] - cy * d[1];
      return [width / 2 + zoom * right, height / 2 - zoom * (cp * d[2] + sp * along)];
    };
    const line = (points, colour, thick) => {
      c.strokeStyle = colour; c.lineWidth = thick; c.lineJoin = c.lineCap = "round"; c.beginPath();
      points.map(onScreen).forEach(([px, py], i) => (i ? c.lineTo(px, py) : c.moveTo(px, py)));
      c.stroke();
    };
    const grid = colourOf("--line");
    for (let k = -5; k <= 5; k++) { line([[k / 10, -0.5, 0], [k / 10, 0.5, 0]], grid, 0.6); line([[-0.5, k / 10, 0], [0.5, k / 10, 0]], grid, 0.6); }
    line([[-0.08, -0.08, 0], [0.08, -0.08, 0], [0.08, 0.08, 0], [-0.08, 0.08, 0], [-0.08, -0.08, 0]], colourOf("--quiet"), 1.5);
    const { x, y, z } = this.columns;
    for (let i = 1; x && i < x.length; i++) {
      if ([x[i], x[i - 1]].some(Number.isNaN)) continue;
      line([[x[i - 1], y[i - 1], z[i - 1]], [x[i], y[i], z[i]]], Scene.colour(this.margins[i]), 2);
    }
    const arm = this.armPoints(this.sample);
    if (arm) {
      line(arm, colourOf("--arm"), 7);
      c.fillStyle = colourOf("--text");
      for (const p of arm.slice(1, -1).map(onScreen)) { c.beginPath(); c.arc(p[0], p[1], 3, 0, 7); c.fill(); }
    }
    if (x && !Number.isNaN(x[this.sample])) {
      const here = [x[this.sample], y[this.sample], z[this.sample]];
      line([here, [here[0], here[1], 0]], colourOf("--quiet"), 1);
      const [px, py] = onScreen(here);
      c.fillStyle = colourOf("--accent"); c.beginPath(); c.arc(px, py, 5, 0, 7); c.fill();
    }
  }
}

const add = (a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const turn = (m, p) => m.map((row) => row[0] * p[0] + row[1] * p[1] + row[2] * p[2]);
const product = (a, b) => a.map((row) => [0, 1, 2].map((k) => row[0] * b[0][k] + row[1] * b[1][k] + row[2] * b[2][k]));

function aboutAxis([x, y, z], angle) {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const d = 1 - c;
  return [[c + x * x * d, x * y * d - z * s, x * z * d + y * s], [y * x * d + z * s, c + y * y * d, y * z * d - x * s], [z * x * d - y * s, z * y * d + x * s, c + z * z * d]];
}

function quaternion([x, y, z, w]) {
  return [[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)], [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
    [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]];
}
