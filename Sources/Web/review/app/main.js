"use strict";
// Which page is shown, keys, and saving.
(() => {
  const index = gripTrace.index_;
  const byId = (id) => document.getElementById(id);
  const keys = [
    ["A / R", "accept / reject this demonstration; again takes it back"], ["C", "cut here; again takes it back"],
    ["M, V", "mistake, recovery: begins here, and ends where the key is pressed again"], ["T, N", "task text, note"],
    ["Space", "play, pause"], ["← →", "one frame; with Shift one second"], ["J, K", "next, previous demonstration"],
    ["U, Shift+U", "undo, redo"], ["S", "save labels.csv"], ["Esc", "all demonstrations"], ["?", "these keys"],
  ];

  byId("title").textContent = `${index.session}: ${index.device}, ${index.arm.name}`;
  document.title = `${index.session}: GripTrace review`;
  byId("keys").append(make("h2", {}, "Keys"), make("table", {}, ...keys.map(([key, what]) => make("tr", {}, make("th", { scope: "row" }, make("kbd", {}, key)), make("td", {}, what)))),
    make("p", {}, "Put the saved labels.csv into the session's folder (or name it with --labels) and run the same griptrace convert again."),
    make("form", { method: "dialog" }, make("button", {}, "Close")));

  function route() {
    const name = decodeURIComponent(location.hash.slice(1));
    byId("overview").hidden = name !== "";
    byId("demo").hidden = name === "";
    if (name) { demoPage.open(name); window.scrollTo(0, 0); } else { demoPage.close(); overview.redraw(); }
  }

  function refresh() {
    byId("undo").disabled = !decisions.canUndo;
    byId("redo").disabled = !decisions.canRedo;
    byId("pending").textContent = decisions.pending ? `${decisions.pending} not converted yet` : "";
  }

  function save() {
    const link = make("a", { href: URL.createObjectURL(new Blob([decisions.csv()], { type: "text/csv" })), download: "labels.csv" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    demoPage.say("labels.csv saved: put it into the session's folder and convert again");
  }

  /** Writes into a labels.csv that is there; rows that somebody else added to it since stay. */
  async function update() {
    try {
      const [handle] = await window.showOpenFilePicker({ types: [{ description: "labels.csv", accept: { "text/csv": [".csv"] } }] });
      const there = await (await handle.getFile()).text();
      const stream = await handle.createWritable();
      await stream.write(decisions.csv(decisions.unknown(there)));
      await stream.close();
      demoPage.say(`${handle.name} written: convert again`);
    } catch (error) {
      if (error.name !== "AbortError") demoPage.say(`not written: ${error.message}; Save labels.csv downloads the same`);
    }
  }

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") { event.preventDefault(); event.shiftKey ? decisions.redo() : decisions.undo(); }
      return;
    }
    const { target } = event;
    if (event.key === "Escape") {
      if (byId("keys").open) return;
      if (target.matches("input:not([type=range]), select, textarea")) { target.blur(); return; }
      location.hash = "";
      return;
    }
    if (target.matches("input:not([type=range]), select, textarea")) {
      if (event.key === "Enter") target.blur();
      return;
    }
    const open = demoPage.isOpen;
    const { act } = demoPage;
    const isButton = target.matches("button, a, summary, canvas");
    const actions = {
      u: () => decisions.undo(), U: () => decisions.redo(), s: save, "?": () => byId("keys").showModal(),
      ...(open && {
        a: () => act.judge("accept"), r: () => act.judge("reject"), c: () => act.cut(), m: () => act.mark("mistake"), v: () => act.mark("recovery"),
        t: () => act.word("task"), n: () => act.word("note"), j: () => act.go(1), k: () => act.go(-1),
        ...(!isButton && { " ": () => act.play() }),
        ArrowLeft: () => (event.shiftKey ? act.seconds(-1) : act.step(-1)), ArrowRight: () => (event.shiftKey ? act.seconds(1) : act.step(1)),
      }),
    };
    const action = actions[event.key] ?? actions[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  }

  byId("undo").onclick = () => decisions.undo();
  byId("redo").onclick = () => decisions.redo();
  byId("save").onclick = save;
  byId("update").onclick = update;
  byId("update").hidden = !("showOpenFilePicker" in window);
  byId("help").onclick = () => byId("keys").showModal();
  window.addEventListener("hashchange", route);
  window.addEventListener("keydown", onKey);
  decisions.onChange(refresh);
  overview.build();
  if (decisions.restore()) demoPage.say("decisions from last time that were not converted are here again; Undo takes them away");
  refresh();
  route();
})();
