"use strict";
// The video beside the time line: as recorded, or as exported; and stills with their masks.
class Pictures {
  /** @param moved called with seconds of the recording while the video plays. */
  constructor(demo, columns, moved) {
    Object.assign(this, { demo, columns, moved, mode: "recorded" });
    this.video = make("video", { muted: true, playsInline: true, preload: "auto", tabIndex: -1, "aria-label": "the recording's pictures" });
    this.note = make("p", { class: "quiet note", hidden: true });
    this.still = make("img", { hidden: true, alt: "recorded, device in blue and human in red, exported" });
    this.caption = make("p", { class: "quiet", hidden: true });
    this.picker = make("input", { type: "file", accept: "video/*", hidden: true, "aria-label": "the recording's file" });
    this.picker.addEventListener("change", () => { if (this.picker.files[0]) { this.own = URL.createObjectURL(this.picker.files[0]); this.show("recorded"); } });
    const button = (mode, text, is) => make("button", { disabled: !is, "aria-pressed": "false", "data-mode": mode, onclick: () => this.show(mode) }, text);
    this.buttons = make("div", { class: "modes", role: "group", "aria-label": "pictures" }, button("recorded", "as recorded", true),
      button("exported", "as exported", demo.exported.length > 0), button("masks", "masks", demo.strips.length > 0));
    this.element = make("div", { class: "pictures" }, this.buttons, make("div", { class: "screen" }, this.video, this.still), this.caption, this.note, this.picker);
    this.video.addEventListener("error", () => this.missing());
    this.video.addEventListener("loadedmetadata", () => { if (this.now !== undefined) this.at(this.now); });
    this.rows = demo.exported.map((one) => Pictures.unrolled(one.frames));
    this.show("recorded");
  }

  static unrolled(runs) {
    const out = [];
    for (const [first, count] of runs) for (let k = 0; k < Math.abs(count); k++) out.push(count > 0 ? first + k : first);
    return out;
  }

  show(mode) {
    this.mode = mode;
    this.stop();
    for (const button of this.buttons.children) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    this.still.hidden = this.caption.hidden = mode !== "masks";
    this.video.hidden = mode === "masks";
    this.note.hidden = true;
    this.piece = -1;
    if (mode === "recorded") this.source(this.own ?? gripTrace.index_.sessionFolder + this.demo.video.split("/").map(encodeURIComponent).join("/"));
    if (this.now !== undefined) this.at(this.now);
  }

  /** A video that is there already is not begun anew: it would ask for its moment again when it has begun, without end. */
  source(path) {
    const url = new URL(path, document.baseURI).href;
    if (this.video.src !== url) { this.video.src = url; this.video.load(); }
  }

  missing() {
    if (this.mode === "masks" || this.video.hidden) return;
    this.note.hidden = false;
    const why = this.video.error?.code === 2 || this.video.error?.message?.includes("not found") ? "is not there" : "is not there, or is of a kind that this browser does not play (HEVC)";
    this.note.replaceChildren(`The ${this.mode === "recorded" ? "recording" : "data set's video"} ${why}: ${decodeURIComponent(this.video.src)} `);
    if (this.mode === "recorded") {
      this.note.append(make("button", { onclick: () => this.picker.click() }, "Choose the file"), this.demo.exported.length ? " or look at it as exported." : "");
    }
  }

  /** The recording's frame at a moment: samples are evenly many frames apart. */
  frame(seconds) {
    const { t } = this.columns;
    if (!t || t.length < 2) return 0;
    let [low, high] = [0, t.length - 1];
    while (high - low > 1) { const middle = (low + high) >> 1; if (t[middle] <= seconds) low = middle; else high = middle; }
    const part = Math.min(1, Math.max(0, (seconds - t[low]) / Math.max(t[high] - t[low], 1e-9)));
    return ((low + part) * this.demo.frames) / t.length;
  }

  seconds(frame) {
    const { t } = this.columns;
    const at = Math.min((frame * t.length) / this.demo.frames, t.length - 1);
    const low = Math.floor(at);
    return t[low] + (at - low) * ((t[low + 1] ?? t[low]) - t[low]);
  }

  /** Which exported row shows a frame of the recording: the piece, and the row in it. */
  row(frame) {
    for (let piece = 0; piece < this.rows.length; piece++) {
      const rows = this.rows[piece];
      if (frame < rows[0] - 0.5 || frame > rows[rows.length - 1] + 1) continue;
      const at = rows.findIndex((shown) => shown >= Math.floor(frame + 1e-6));
      return { piece, row: at < 0 ? rows.length - 1 : at };
    }
    return null;
  }

  at(seconds) {
    this.now = seconds;
    if (this.mode === "masks") return this.mask(seconds);
    if (this.playing) return;
    if (this.mode === "recorded") { this.video.currentTime = Math.max(0, seconds + 1e-4); return; }
    const found = this.row(this.frame(seconds));
    this.note.hidden = found !== null;
    if (!found) { this.note.textContent = "This moment is not in the data set."; return; }
    this.to(found);
  }

  to({ piece, row }) {
    const one = this.demo.exported[piece];
    this.piece = piece;
    this.source(gripTrace.file(one.file));
    this.video.currentTime = one.from + (row + 0.5) / one.rate;
  }

  mask(seconds) {
    const when = (strip) => Number(/, ([0-9.]+) s/.exec(strip.caption)?.[1] ?? 0);
    const nearest = [...this.demo.strips].sort((a, b) => Math.abs(when(a) - seconds) - Math.abs(when(b) - seconds))[0];
    this.still.src = gripTrace.file(nearest.file);
    this.caption.textContent = nearest.caption;
  }

  toggle() { if (this.playing) this.stop(); else this.play(); }

  play() {
    if (this.mode === "masks") this.show("recorded");
    this.playing = true;
    this.video.play().catch(() => this.stop());
    const step = () => {
      if (!this.playing) return;
      if (this.mode === "recorded") this.now = this.video.currentTime;
      else if (this.piece >= 0) {
        const one = this.demo.exported[this.piece];
        const row = Math.floor((this.video.currentTime - one.from) * one.rate);
        if (row >= one.rows) return this.stop();
        this.now = this.seconds(this.rows[this.piece][Math.max(row, 0)]);
      }
      this.moved(this.now);
      if (this.video.ended) return this.stop();
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  stop() { this.playing = false; this.video.pause(); }
}
