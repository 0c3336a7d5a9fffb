"use strict";
// One demonstration's page: pictures, time line, path, curves, what was left out and why, and what a person says of it.
const demoPage = (() => {
  const index = gripTrace.index_;
  const place = document.getElementById("demo");
  let page = null;

  function say(text) { document.getElementById("said").textContent = text; }

  async function open(name) {
    close();
    const row = index.demos.find((demo) => demo.name === name);
    if (!row) { place.replaceChildren(make("p", { class: "warn" }, `There is no demonstration ${name}.`)); return; }
    try { build(row, await gripTrace.load(row)); } catch (error) { place.replaceChildren(make("p", { class: "warn" }, error.message)); }
  }

  function build(row, demo) {
    const columns = Object.fromEntries(Object.entries(demo.columns).map(([name, column]) => [name, gripTrace.numbers(column)]));
    const first = demo.outcome[0]?.start ?? 0;
    const last = Math.max(demo.outcome.at(-1)?.end ?? demo.seconds, first + 0.01);
    page = { row, demo, columns, first, last, now: first, marks: {} };
    page.pictures = new Pictures(demo, columns, (seconds) => seek(seconds, true));
    page.timeline = new Timeline(demo, first, last, seek);
    page.scene = new Scene(demo, columns, index.arm);
    page.curves = new Curves(demo, columns, index.arm, first, last, seek);
    page.slider = make("input", { type: "range", min: first, max: last, step: (last - first) / Math.max(demo.frames, 1) || 0.01, value: first, id: "moment", "aria-label": "moment of the recording, seconds",
      oninput: () => seek(Number(page.slider.value)) });
    page.clock = make("output", { for: "moment" });
    page.words = make("div", { class: "words" });
    const video = make("div", { class: "left" }, page.pictures.element,
      make("div", { class: "scrub" }, make("button", { id: "play", title: "Play (Space)", onclick: () => page.pictures.toggle() }, "Play"), page.slider, page.clock), page.timeline.element);
    place.replaceChildren(heading(row, demo), judging(row),
      make("div", { class: "top" }, video, make("div", { class: "right" }, page.scene.element)),
      make("div", { class: "two" }, rejections(demo), facts(row, demo)), page.curves.element);
    refresh();
    seek(first);
  }

  function heading(row, demo) {
    const order = overview.order();
    const at = order.indexOf(row.name);
    const link = (name, text, key) => (name ? make("a", { href: `#${encodeURIComponent(name)}`, title: `${key}` }, text) : make("span", { class: "quiet" }, text));
    return make("div", { class: "heading" },
      make("nav", { "aria-label": "demonstrations" }, make("a", { href: "#" }, "← all"), " ", link(order[at - 1], "previous", "K"), " ", link(order[at + 1], "next", "J")),
      make("h2", {}, row.name, " ", make("span", { class: `badge ${row.verdict}` }, row.verdict), row.partner ? make("span", { class: "quiet" }, ` with ${row.partner}`) : null),
      make("p", {}, demo.verdict),
      make("p", { class: "quiet" }, counts(row)), ...demo.problems.map((problem) => make("p", { class: "quiet" }, `⚠ ${problem}`)));
  }

  function counts(row) {
    const set = index.dataSets[0];
    let line = `${words.count(row.frames.input, "frame")}, ${row.frames.output.toLocaleString("en")} of them in the data set`;
    if (set && row.rows) {
      line += ` as ${words.count(row.rows, "row")} at ${set.rate} Hz`;
      if (row.rows !== row.frames.output) line += row.slowedFrames ? `: ${words.count(row.slowedFrames, "frame")} are played slower and take more rows` : ": rows are on the data set's own grid of times";
    }
    return `${line}; ${row.frames.rejected} left out.`;
  }

  function judging(row) {
    const button = (id, text, key, action) => make("button", { id, title: key, onclick: () => { action(); } }, text, " ", make("kbd", {}, key));
    page.accept = button("accept", "Accept", "A", () => act.judge("accept"));
    page.reject = button("reject", "Reject", "R", () => act.judge("reject"));
    page.mistake = button("mistake", "Mistake", "M", () => act.mark("mistake"));
    page.recovery = button("recovery", "Recovery", "V", () => act.mark("recovery"));
    page.cutButton = button("cut", "Cut here", "C", () => act.cut());
    const field = (label, key) => {
      const input = make("input", { id: `word-${label}`, value: decisions.wordOf(row.name, label), placeholder: label === "task" ? row.task : "for people",
        onchange: () => { decisions.word(row.name, label, input.value.trim()); say(`${label} noted`); } });
      page[label] = input;
      return make("label", { for: `word-${label}` }, label, " ", make("kbd", {}, key), input);
    };
    return make("div", { class: "judging", role: "group", "aria-label": "decisions" }, page.accept, page.reject, page.cutButton, page.mistake, page.recovery, field("task", "T"), field("note", "N"));
  }

  function rejections(demo) {
    const box = make("section", {}, make("h3", {}, "What was left out, and what mends it"));
    if (!demo.rejections.length) box.append(make("p", { class: "quiet" }, "Nothing."));
    for (const one of demo.rejections) {
      const remedy = index.remedies[one.reason] ?? {};
      box.append(make("article", { class: "rejection", style: `border-color:${words.colour(one.reason)}` },
        make("h4", {}, words.of(one.reason), " ", make("button", { onclick: () => seek(one.startSeconds) }, `${one.startSeconds.toFixed(2)} to ${one.endSeconds.toFixed(2)} s`),
          make("span", { class: "quiet" }, ` frames ${one.firstFrame} to ${Math.max(one.firstFrame, one.endFrame - 1)}, stage ${one.stage}`)),
        one.detail ? make("p", {}, one.detail) : null,
        remedy.means ? make("p", { class: "quiet" }, `It means: ${remedy.means}.`) : null,
        remedy.remedy ? make("p", {}, make("b", {}, "What mends it: "), remedy.remedy) : null));
    }
    for (const span of demo.speed) {
      box.append(make("article", { class: "rejection", style: `border-color:${words.colour(span.label)}` }, make("h4", {}, words.of(span.label), " ",
        make("button", { onclick: () => seek(span.start) }, `${span.start.toFixed(2)} to ${span.end.toFixed(2)} s`)), make("p", {}, span.detail)));
    }
    const warnings = demo.arm.filter((span) => span.fails === false);
    if (warnings.length) {
      box.append(make("details", {}, make("summary", {}, words.count(warnings.length, "warning")), make("ul", {}, ...warnings.map((span) => make("li", {},
        make("button", { onclick: () => seek(span.start) }, `${span.start.toFixed(2)} s`), ` ${words.of(span.label)}: ${span.detail}`)))));
    }
    return box;
  }

  function facts(row, demo) {
    const box = make("section", {}, make("h3", {}, "Labels"), page.words, make("h3", {}, "Measures"));
    const table = make("table", {});
    const add = (name, value) => { if (value !== "" && value !== undefined) table.append(make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, value))); };
    add("least margin", row.margin === undefined ? "" : `${row.margin.toFixed(4)} (${words.of(row.marginCheck)})`);
    add("sigma, 95th percentile", row.sigmaMM === undefined ? "" : `${row.sigmaMM.toFixed(2)} mm`);
    add("smoothness", words.number(row.smoothness, 2));
    add("mean speed", row.speed === undefined ? "" : `${row.speed.toFixed(3)} m/s`);
    for (const figure of demo.figures) add(words.of(figure.name), `${Number(figure.value.toPrecision(4))} ${figure.unit}`);
    if (demo.spikes.length) add("position spikes", demo.spikes.map((spike) => `after frame ${spike.frame} (${(1000 * spike.step).toFixed(1)} mm${spike.isRepaired ? ", mended" : ", cut"})`).join(", "));
    box.append(table);
    if (demo.provenance) {
      const shares = Object.entries(words.provenance).map(([kind, colour]) => [kind, colour, demo.provenance[kind] ?? 0]);
      box.append(make("h3", {}, "Where the exported pixels come from"),
        make("div", { class: "bar", role: "img", "aria-label": shares.map(([kind, , share]) => `${kind} ${words.percent(share, 2)}`).join(", ") },
          ...shares.filter(([, , share]) => share > 0).map(([, colour, share]) => make("i", { style: `background:${colour};width:${100 * share}%` }))),
        make("div", { class: "legend" }, ...shares.filter(([, , share]) => share > 0).map(([kind, colour, share]) => make("span", {}, make("i", { style: `background:${colour}` }), `${words.origin[kind]} ${words.percent(share, share < 0.01 ? 2 : 1)}`))));
    }
    box.append(make("p", { class: "quiet" }, demo.videoLine), ...demo.findings.map((finding) => make("p", { class: "quiet" }, `✓ ${finding}`)));
    return box;
  }

  /** Seconds of the recording; from the video while it plays. */
  function seek(seconds, isPlaying = false) {
    if (!page) return;
    page.now = Math.min(page.last, Math.max(page.first, seconds));
    const frame = page.pictures.frame(page.now);
    const sample = page.columns.t ? Math.min(page.columns.t.length - 1, Math.floor((frame * page.columns.t.length) / Math.max(page.demo.frames, 1))) : 0;
    page.slider.value = page.now;
    page.clock.textContent = `${page.now.toFixed(2)} s, frame ${Math.min(Math.floor(frame + 1e-6), Math.max(page.demo.frames - 1, 0))}`;
    if (!isPlaying) page.pictures.at(page.now);
    page.timeline.at(page.now);
    page.scene.at(sample);
    page.curves.at(page.now);
  }

  const act = {
    judge(label) {
      const now = decisions.judge(page.row.name, label);
      say(now ? `${page.row.name}: ${now}ed` : `${page.row.name}: ${label} taken back`);
    },
    cut() {
      const put = decisions.cut(page.row.name, page.now, 0.6 * Number(page.slider.step));
      say(`${page.row.name}: ${put ? "cut" : "cut taken back"} at ${words.seconds(page.now)}`);
    },
    /** The first time it begins, the second time it ends. */
    mark(label) {
      if (page.marks[label] === undefined) {
        page.marks[label] = page.now;
        say(`${label} begins at ${words.seconds(page.now)}; the same key again ends it`);
      } else {
        decisions.span(page.row.name, label, page.marks[label], page.now);
        say(`${label} from ${words.seconds(page.marks[label])} to ${words.seconds(page.now)}`);
        delete page.marks[label];
      }
      refresh();
    },
    step(frames) { seek(page.now + frames * Number(page.slider.step)); },
    seconds(by) { seek(page.now + by); },
    play() { page.pictures.toggle(); },
    word(label) { page[label].focus(); page[label].select(); },
    go(by) {
      const order = overview.order();
      const name = order[order.indexOf(page.row.name) + by];
      if (name) location.hash = encodeURIComponent(name);
    },
  };

  function refresh() {
    if (!page) return;
    const said = decisions.judgement(page.row.name);
    page.accept.setAttribute("aria-pressed", String(said === "accept"));
    page.reject.setAttribute("aria-pressed", String(said === "reject"));
    for (const label of ["mistake", "recovery"]) page[label].setAttribute("aria-pressed", String(page.marks[label] !== undefined));
    for (const label of ["task", "note"]) if (document.activeElement !== page[label]) page[label].value = decisions.wordOf(page.row.name, label);
    const rows = decisions.of(page.row.name);
    page.words.replaceChildren(rows.length ? make("ul", { class: "labels" }, ...rows.map((row) => make("li", {},
      make("i", { style: `background:${words.colour(row.label)}` }), row.label, row.start !== undefined ? ` at ${row.start} s` : "", row.end !== undefined ? ` to ${row.end} s` : "", row.note ? `: ${row.note}` : "", " ",
      make("button", { onclick: () => decisions.remove(row), "aria-label": `take back ${row.label}` }, "take back"))))
      : make("p", { class: "quiet" }, "Nothing is said of it yet."));
    page.timeline.draw();
  }

  function close() {
    page?.pictures.stop();
    page?.curves.remove();
    page = null;
    place.replaceChildren();
  }

  decisions.onChange(refresh);
  window.addEventListener("resize", () => page?.curves.resize());
  return { open, close, act, say, get now() { return page?.now; }, get isOpen() { return page !== null; } };
})();
