"use strict";
// What became of every stretch of a recording, lane by lane over one axis of time.
class Timeline {
  /** @param seek called with seconds where somebody points. */
  constructor(demo, first, last, seek) {
    Object.assign(this, { demo, first, last, seek });
    this.element = make("div", { class: "timeline" });
    this.cursor = make("div", { class: "cursor" });
    this.draw();
  }

  lanes() {
    const labels = decisions.of(this.demo.name).map((row) => ({
      label: row.label, start: row.start ?? this.first, end: row.label === "cut" ? row.start : row.end ?? this.last, detail: row.note,
    }));
    return [
      ["data set", this.demo.outcome],
      ["tracking", this.demo.tracking],
      ["speed", this.demo.speed],
      ["arm", this.demo.arm],
      ["human", this.demo.human],
      ["labels", labels],
    ].filter(([name, spans]) => spans.length || name === "labels");
  }

  static meaning = {
    "data set": "in the data set, or why not", tracking: "what held the pose", speed: "played slower or faster than recorded",
    arm: "what the arm could not do as recorded; half height: a warning", human: "a human is in the picture", labels: "what labels.csv and you say",
  };

  share(seconds) { return (seconds - this.first) / Math.max(this.last - this.first, 1e-6); }

  draw() {
    const seen = new Map();
    this.element.replaceChildren();
    const area = make("div", { class: "lanes" });
    for (const [name, spans] of this.lanes()) {
      const svg = make("svg", { viewBox: "0 0 1000 10", preserveAspectRatio: "none", role: "img",
        "aria-label": `${name}: ${spans.length ? spans.slice(0, 30).map((span) => `${words.of(span.label)} ${span.start.toFixed(1)} to ${span.end.toFixed(1)} s`).join(", ") : "none"}` });
      for (const span of spans) {
        const x = 1000 * this.share(span.start);
        const width = Math.max(1000 * this.share(span.end) - x, span.label === "cut" ? 3 : 1.5);
        const warning = span.fails === false;
        svg.append(make("rect", { x, y: warning ? 6 : 0, width, height: warning ? 4 : 10, fill: words.colour(span.label) },
          make("title", {}, `${words.of(span.label)}${warning ? " (warning)" : ""}, ${span.start.toFixed(2)} to ${span.end.toFixed(2)} s. ${span.detail ?? ""}`)));
        seen.set(span.label, true);
      }
      area.append(make("div", { class: "lane" }, make("span", { class: "name", title: Timeline.meaning[name] }, name), make("div", { class: "track" }, svg)));
    }
    for (const spike of this.demo.spikes) seen.set("position_spike", spike);
    area.append(this.cursor);
    area.addEventListener("pointerdown", (event) => { this.drag = true; area.setPointerCapture(event.pointerId); this.point(event, area); });
    area.addEventListener("pointermove", (event) => { if (this.drag) this.point(event, area); });
    area.addEventListener("pointerup", () => { this.drag = false; });
    const key = make("div", { class: "legend" });
    for (const label of seen.keys()) {
      key.append(make("span", {}, make("i", { style: `background:${words.colour(label)}` }), words.of(label)));
    }
    this.element.append(area, key);
    this.area = area;
    if (this.now !== undefined) this.at(this.now);
  }

  point(event, area) {
    const track = area.querySelector(".track").getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - track.left) / track.width));
    this.seek(this.first + share * (this.last - this.first));
  }

  at(seconds) {
    this.now = seconds;
    const share = Math.min(1, Math.max(0, this.share(seconds)));
    this.cursor.style.setProperty("--share", share);
  }
}
