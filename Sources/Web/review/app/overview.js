"use strict";
// The page of all demonstrations: totals, what would be gained, small histograms, and a table that is sorted and filtered.
const overview = (() => {
  const index = gripTrace.index_;
  const place = document.getElementById("overview");
  const filter = { text: "", verdict: "", reason: "", decision: "" };
  let table = null;
  let isBuilt = false;

  function totals() {
    const f = index.frames;
    const share = f.input ? f.output / f.input : 0;
    const box = make("div", { class: "totals" });
    box.append(make("p", { class: "big" },
      make("b", {}, words.percent(share, 1)), ` of the demonstrations' frames are in the data set: ${f.output.toLocaleString("en")} of `
      + `${f.input.toLocaleString("en")}; ${f.rejected.toLocaleString("en")} are left out.`));
    const counts = Object.keys(words.verdicts).map((verdict) => [verdict, index.demos.filter((demo) => demo.verdict === verdict).length]);
    const chips = make("p", { class: "chips" });
    for (const [verdict, count] of counts.filter(([, count]) => count)) {
      chips.append(make("button", { class: `badge ${verdict}`, title: words.meaning[verdict],
        onclick: () => { controls.verdict.value = verdict; apply(); } }, `${count} ${verdict}`), " ");
    }
    box.append(chips);
    const set = index.dataSets[0];
    if (set) {
      const slowed = index.demos.reduce((sum, demo) => sum + demo.slowedFrames, 0);
      let line = `${set.path}: ${words.count(set.episodes, "episode")}, ${words.count(set.frames, "row")} at ${set.rate} Hz.`;
      if (set.frames !== f.output) {
        line += slowed ? ` Rows are more than frames because ${words.count(slowed, "frame")} are played slower than they were recorded.`
          : " Rows are on the data set's own grid of times, frames on the camera's.";
      }
      box.append(make("p", { class: "quiet" }, line));
    }
    for (const fault of index.faults) box.append(make("p", { class: "warn" }, `⚠ ${fault}`));
    return box;
  }

  /** What more frames might be had by, at most. */
  function gains() {
    const sums = {};
    for (const demo of index.demos) {
      for (const [reason, frames] of Object.entries(demo.rejected)) {
        const kind = index.remedies[reason]?.kind ?? "other";
        sums[kind] = (sums[kind] ?? 0) + frames;
      }
    }
    const say = {
      base: ["Another place for the arm's foot", `griptrace place OUT --arm ${index.arm.name} tries places`],
      speed: ["Recording slower", "or a stronger arm"],
      recording: ["Better recordings", "more light, a fuller map, tags in view"],
      choice: ["Other choices", "labels, --keep, --privacy, idle stretches"],
      other: ["Mending files and settings", "see the reasons below"],
    };
    const list = make("ul", { class: "gains" });
    for (const kind of Object.keys(say).filter((kind) => sums[kind])) {
      list.append(make("li", {}, make("b", {}, say[kind][0]), ` could bring back up to ${words.count(sums[kind], "frame")} (${words.percent(sums[kind] / Math.max(index.frames.input, 1), 1)}): `,
        make("span", { class: "quiet" }, say[kind][1])));
    }
    const posture = (sums.base ?? 0) + (sums.speed ?? 0);
    if (posture) {
      list.append(make("li", {}, make("b", {}, "Another arm"), ` stands to win or lose those ${words.count(posture, "frame")}: `,
        make("span", { class: "quiet" }, "griptrace convert SESSION --arm panda,xarm7,ur5e puts arms side by side in one table")));
    }
    return list.children.length ? make("details", { open: true }, make("summary", {}, "What would be gained"), list) : null;
  }

  function histogram(title, values, unit, digits) {
    const known = values.filter((value) => Number.isFinite(value));
    if (known.length < 2) return null;
    const bins = 16;
    const sorted = [...known].sort((a, b) => a - b);
    const low = sorted[0];
    const high = sorted[sorted.length - 1];
    const counts = new Array(bins).fill(0);
    for (const value of known) counts[high > low ? Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins)) : 0]++;
    const most = Math.max(...counts);
    const median = sorted[Math.floor((sorted.length - 1) / 2)];
    const say = `${title}: ${known.length} values from ${low.toFixed(digits)} to ${high.toFixed(digits)}${unit}, median ${median.toFixed(digits)}${unit}`;
    const svg = make("svg", { viewBox: "0 0 160 40", preserveAspectRatio: "none", class: "histogram", role: "img", "aria-label": say });
    counts.forEach((count, i) => svg.append(make("rect", { x: i * 10, width: 9, y: 40 - (38 * count) / most, height: (38 * count) / most })));
    return make("figure", {}, make("figcaption", {}, title), svg,
      make("div", { class: "range" }, make("span", {}, low.toFixed(digits) + unit), make("span", {}, `median ${median.toFixed(digits)}${unit}`), make("span", {}, high.toFixed(digits) + unit)));
  }

  const controls = {};
  function select(name, label, options) {
    const element = make("select", { id: `filter-${name}`, onchange: apply }, make("option", { value: "" }, `any ${label}`));
    for (const [value, words_] of options) element.append(make("option", { value }, words_));
    controls[name] = element;
    return make("label", { for: `filter-${name}` }, make("span", { class: "hidden" }, label), element);
  }

  function filters() {
    const reasons = {};
    for (const demo of index.demos) {
      for (const reason of new Set([...Object.keys(demo.rejected), demo.reason].filter(Boolean))) reasons[reason] = (reasons[reason] ?? 0) + 1;
    }
    controls.text = make("input", { type: "search", id: "filter-text", placeholder: "name, task", oninput: apply });
    const bar = make("div", { class: "filters", role: "search" },
      make("label", { for: "filter-text" }, make("span", { class: "hidden" }, "name or task"), controls.text),
      select("verdict", "verdict", Object.keys(words.verdicts).map((verdict) => [verdict, verdict])),
      select("reason", "reason", Object.entries(reasons).sort((a, b) => b[1] - a[1]).map(([reason, count]) => [reason, `${words.of(reason)} (${count})`])),
      select("decision", "decision", [["none", "not decided"], ["accept", "accepted"], ["reject", "rejected by you"], ["labelled", "with labels"]]),
      make("button", { onclick: () => { for (const control of Object.values(controls)) control.value = ""; apply(); } }, "Clear"),
      controls.count = make("span", { class: "quiet", role: "status", id: "shown" }));
    return bar;
  }

  function matches(row) {
    const demo = row.demo;
    if (filter.text && !`${demo.name} ${demo.task}`.toLowerCase().includes(filter.text)) return false;
    if (filter.verdict && demo.verdict !== filter.verdict) return false;
    if (filter.reason && demo.reason !== filter.reason && !(filter.reason in demo.rejected)) return false;
    if (!filter.decision) return true;
    const said = decisions.judgement(demo.name);
    if (filter.decision === "none") return said === "";
    if (filter.decision === "labelled") return decisions.of(demo.name).length > 0;
    return said === filter.decision;
  }

  function apply() {
    for (const name of ["verdict", "reason", "decision"]) filter[name] = controls[name].value;
    filter.text = controls.text.value.trim().toLowerCase();
    if (isBuilt) table.setFilter(matches);
    shown();
  }

  function shown() {
    const count = table ? table.getDataCount("active") : index.demos.length;
    controls.count.textContent = `${count} of ${index.demos.length} shown`;
  }

  function said(demo) {
    const parts = [decisions.judgement(demo.name)];
    const counts = {};
    for (const row of decisions.of(demo.name)) {
      if (row.label !== parts[0] || row.start !== undefined) counts[row.label] = (counts[row.label] ?? 0) + 1;
    }
    for (const [label, count] of Object.entries(counts)) parts.push(count > 1 ? `${count} × ${label}` : label);
    return parts.filter(Boolean).join(", ");
  }

  const share = (demo) => (demo.frames.input ? demo.frames.output / demo.frames.input : 0);
  const filled = (demo) => (demo.provenance ? 1 - (demo.provenance.original ?? 0) - (demo.provenance.rendered ?? 0) : undefined);

  function filler(demo) {
    if (!demo.provenance) return "";
    return ["observed", "propagated", "invented", "rendered"].filter((kind) => demo.provenance[kind] > 0.00005)
      .map((kind) => `${words.percent(demo.provenance[kind], 1)} ${kind}`).join(", ");
  }

  function columns() {
    const number = (title, field, digits, tip, unit = "") => ({
      title, field, headerTooltip: tip, hozAlign: "right", sorter: "number", sorterParams: { alignEmptyValues: "bottom" }, minWidth: 74,
      formatter: (cell) => words.number(cell.getValue(), digits) + (cell.getValue() === undefined ? "" : unit),
    });
    const text = (cell) => document.createTextNode(cell.getValue() ?? "");
    return [
      { title: "recording", field: "name", frozen: true, minWidth: 130, widthGrow: 2,
        formatter: (cell) => make("a", { href: `#${encodeURIComponent(cell.getValue())}` }, cell.getValue()) },
      { title: "verdict", field: "verdict", minWidth: 92, headerTooltip: "what became of it",
        formatter: (cell) => make("span", { class: `badge ${cell.getValue()}`, title: words.meaning[cell.getValue()] }, cell.getValue()) },
      { title: "main reason", field: "reason", minWidth: 130, widthGrow: 2, formatter: text, headerTooltip: "what takes most of its frames, or what was repaired" },
      { title: "decision", field: "said", minWidth: 96, formatter: text, headerTooltip: "what you, or labels.csv, say of it" },
      number("in set", "share", 0, "share of its frames that are in the data set, %", " %"),
      number("least margin", "margin", 3, "of the exported frames to any limit: 1 far, 0 at it"),
      { title: "margin of", field: "marginCheck", minWidth: 120, formatter: text, headerTooltip: "which limit is nearest" },
      number("sigma mm", "sigma", 2, "95th percentile of the position's standard deviation, mm"),
      number("smoothness", "smoothness", 2, "spectral arc length: nearer to 0 is smoother"),
      number("speed m/s", "speed", 3, "mean speed of the tool"),
      number("human %", "human", 2, "mean share of the recorded pictures that is human"),
      number("filled %", "filled", 2, "share of the exported pixels that are not as recorded"),
      { title: "filled with", field: "filler", minWidth: 120, formatter: text, headerTooltip: "observed: seen in other frames; propagated: carried over; invented: nobody saw it" },
      number("length s", "seconds", 1, "of the recording"),
      number("frames", "frames", 0, "of the recording"),
      number("rows", "rows", 0, "in the data set"),
      number("slowed", "slowed", 0, "exported frames that are played at another speed"),
      { title: "task", field: "task", minWidth: 120, formatter: text },
      { title: "split", field: "split", minWidth: 80, formatter: text },
    ];
  }

  function data(demo) {
    return {
      id: demo.name, demo, name: demo.name, verdict: demo.verdict, reason: words.of(demo.reason), said: said(demo), share: 100 * share(demo),
      margin: demo.margin, marginCheck: words.of(demo.marginCheck ?? ""), sigma: demo.sigmaMM, smoothness: demo.smoothness, speed: demo.speed,
      human: demo.human === undefined ? undefined : 100 * demo.human, filled: filled(demo) === undefined ? undefined : 100 * filled(demo),
      filler: filler(demo), seconds: demo.seconds, frames: demo.frames.input, rows: demo.rows, slowed: demo.slowedFrames || undefined,
      task: demo.task, split: demo.split,
    };
  }

  /** Headers are reached by Tab and sort by Enter. */
  function openToKeys(holder) {
    // A grid's rows may lie in rows' groups alone: the scrolled frame between them is nothing of its own, its links are what is focused.
    const frame = holder.querySelector(".tabulator-tableholder");
    frame.removeAttribute("tabindex");
    frame.setAttribute("role", "none");
    for (const header of holder.querySelectorAll(".tabulator-col")) {
      header.tabIndex = 0;
      header.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        header.querySelector(".tabulator-col-content").click();
      });
    }
  }

  function build() {
    const wide = [
      histogram("least margin", index.demos.map((demo) => demo.margin), "", 2),
      histogram("sigma", index.demos.map((demo) => demo.sigmaMM), " mm", 2),
      histogram("speed", index.demos.map((demo) => demo.speed), " m/s", 2),
      histogram("smoothness", index.demos.map((demo) => demo.smoothness), "", 1),
      histogram("human", index.demos.map((demo) => 100 * demo.human), " %", 1),
      histogram("in the data set", index.demos.map((demo) => 100 * share(demo)), " %", 0),
    ].filter(Boolean);
    const holder = make("div", { id: "table" });
    place.append(totals(), ...[gains()].filter(Boolean), make("div", { class: "histograms" }, ...wide), filters(), holder);
    if (index.notes.length || index.helpers.length) {
      const list = make("ul", {}, ...index.notes.map((note) => make("li", {}, note)),
        ...index.helpers.map((helper) => make("li", {}, `${helper.name} (${words.of(helper.role)}): ${helper.status}, ${helper.verdict}`, helper.problems.length ? `; ${helper.problems.join("; ")}` : "")));
      place.append(make("details", {}, make("summary", {}, "Notes on the session"), list));
    }
    table = new Tabulator(holder, {
      data: index.demos.map(data), columns: columns(), layout: "fitDataFill", index: "id", rowHeight: 30, renderVerticalBuffer: 60,
      ...(index.demos.length > 20 && { height: "70vh" }), placeholder: "no demonstration fits the filters",
      columnDefaults: { resizable: false },
    });
    table.on("tableBuilt", () => { isBuilt = true; openToKeys(holder); shown(); });
    table.on("dataFiltered", () => setTimeout(shown));
    let before = new Map(index.demos.map((demo) => [demo.name, said(demo)]));
    decisions.onChange(() => {
      const changed = index.demos.filter((demo) => said(demo) !== before.get(demo.name));
      before = new Map(index.demos.map((demo) => [demo.name, said(demo)]));
      if (changed.length) table.updateData(changed.map((demo) => ({ id: demo.name, said: said(demo) })));
    });
  }

  return {
    build,
    get table() { return table; },
    /** Names in the order that is shown, for going from one to the next. */
    order() { return table ? table.getData("active").map((row) => row.name) : index.demos.map((demo) => demo.name); },
    redraw() { if (isBuilt) table.redraw(); },
  };
})();
