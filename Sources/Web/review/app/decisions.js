"use strict";
// What a person decides, as rows of labels.csv: those that were there, and what is added, changed and taken back here.
const decisions = (() => {
  const base = gripTrace.index_.labels.map((row) => ({ ...row }));
  const key = `griptrace review ${gripTrace.index_.sessionFolder} ${gripTrace.index_.arm.name} ${JSON.stringify(base).length}`;
  const listeners = [];
  let rows = base.map((row) => ({ ...row }));
  let past = [];
  let future = [];

  const text = (row) => [row.recording, row.start ?? "", row.end ?? "", row.label, row.note].join("\u0000");

  function changed() {
    try { localStorage.setItem(key, JSON.stringify(rows)); } catch { /* A page without storage forgets on closing. */ }
    for (const listener of listeners) listener();
  }

  function act(next) {
    past.push(rows);
    future = [];
    rows = next;
    changed();
  }

  const isWhole = (row) => row.start === undefined && row.end === undefined;
  const round = (seconds) => Math.round(seconds * 1000) / 1000;

  const self = {
    onChange(listener) { listeners.push(listener); },
    get rows() { return rows; },
    of(recording) { return rows.filter((row) => row.recording === recording); },

    /** `accept`, `reject` or nothing, of the recording as a whole. */
    judgement(recording) {
      return rows.find((row) => row.recording === recording && isWhole(row) && ["accept", "reject"].includes(row.label))?.label ?? "";
    },

    /** The same again takes it back. */
    judge(recording, label) {
      const before = self.judgement(recording);
      const rest = rows.filter((row) => !(row.recording === recording && isWhole(row) && ["accept", "reject"].includes(row.label)));
      act(before === label ? rest : [...rest, { recording, label, note: "" }]);
      return before === label ? "" : label;
    },

    /** A cut that is there already within `near` seconds is taken back. */
    cut(recording, seconds, near) {
      const there = rows.find((row) => row.recording === recording && row.label === "cut" && Math.abs(row.start - seconds) <= near);
      act(there ? rows.filter((row) => row !== there) : [...rows, { recording, start: round(seconds), label: "cut", note: "" }]);
      return !there;
    },

    span(recording, label, start, end, note = "") {
      const [from, to] = [Math.min(start, end), Math.max(start, end)].map(round);
      if (to > from) act([...rows, { recording, start: from, end: to, label, note }]);
    },

    /** The one `task` or `note` of the recording as a whole; nothing takes it away. */
    word(recording, label, note) {
      const rest = rows.filter((row) => !(row.recording === recording && row.label === label && isWhole(row)));
      act(note ? [...rest, { recording, label, note }] : rest);
    },

    wordOf(recording, label) { return rows.find((row) => row.recording === recording && row.label === label && isWhole(row))?.note ?? ""; },
    remove(row) { act(rows.filter((other) => other !== row)); },

    undo() {
      if (!past.length) return false;
      future.push(rows);
      rows = past.pop();
      changed();
      return true;
    },
    redo() {
      if (!future.length) return false;
      past.push(rows);
      rows = future.pop();
      changed();
      return true;
    },
    get canUndo() { return past.length > 0; },
    get canRedo() { return future.length > 0; },

    /** How many rows are not as the conversion found them. */
    get pending() {
      const before = new Set(base.map(text));
      const now = new Set(rows.map(text));
      return rows.filter((row) => !before.has(text(row))).length + base.filter((row) => !now.has(text(row))).length;
    },

    csv(extra = []) {
      const field = (value) => (/[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
      const number = (value) => (value === undefined ? "" : String(value));
      const lines = [...extra, ...rows].map((row) =>
        [row.recording, number(row.start), number(row.end), row.label, row.note].map(field).join(","));
      return ["recording,start,end,label,note", ...lines, ""].join("\n");
    },

    /** Rows of a labels.csv that neither the conversion nor this page knows: somebody else added them since. */
    unknown(csv) {
      const known = new Set([...base, ...rows].map(text));
      return parse(csv).filter((row) => !known.has(text(row)));
    },

    restore() {
      try {
        const stored = JSON.parse(localStorage.getItem(key) ?? "null");
        if (!Array.isArray(stored) || JSON.stringify(stored) === JSON.stringify(rows)) return false;
        past.push(rows);
        rows = stored;
        changed();
        return true;
      } catch { return false; }
    },
  };

  function parse(csv) {
    const records = [[""]];
    let quoted = false;
    for (let i = 0; i < csv.length; i++) {
      const c = csv[i];
      const record = records[records.length - 1];
      if (quoted && c === '"' && csv[i + 1] === '"') { record[record.length - 1] += '"'; i++; }
      else if (c === '"') quoted = !quoted;
      else if (c === "," && !quoted) record.push("");
      else if ((c === "\n" || c === "\r") && !quoted) { if (record.length > 1 || record[0]) records.push([""]); }
      else record[record.length - 1] += c;
    }
    const header = records.shift() ?? [];
    const at = (record, name) => (header.indexOf(name) < 0 ? "" : record[header.indexOf(name)] ?? "");
    const number = (value) => (value.trim() === "" ? undefined : Number(value));
    return records.filter((record) => record.length > 1).map((record) => ({
      recording: at(record, "recording"), start: number(at(record, "start")), end: number(at(record, "end")),
      label: at(record, "label"), note: at(record, "note"),
    }));
  }
  return self;
})();
