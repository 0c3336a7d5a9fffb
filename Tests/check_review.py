#!/usr/bin/env python3
"""Uses the review page of a conversion as a person does, in a headless Chromium, from disk.

    python3 Tests/check_review.py OUTPUT --reject DEMO --cut DEMO SECONDS --labels FOLDER [--reason WORD] [--shots FOLDER] [--axe axe.min.js]

Opens OUTPUT/review/index.html, sorts by margin, filters by a reason, opens a demonstration and scrubs, rejects one and cuts another by keyboard,
saves labels.csv into FOLDER. Prints what it saw as JSON. Fails where the page complains, where a request leaves the page, or where a step has not
the effect that it must have.
"""
import argparse
import json
import pathlib
import sys
import time

import browser

AXE = """axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']}).then((found) => found.violations.map((v) => ({
  id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.slice(0, 4).map((n) => n.html.slice(0, 160) + ' ' + (n.any[0]?.message ?? ''))})))"""


def names(page):
    return page.run("[...document.querySelectorAll('.tabulator-row')].map((row) => row.querySelector('a').textContent)")


def expect(is_so, what):
    if not is_so:
        sys.exit(f"check_review: {what}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--reject", required=True)
    parser.add_argument("--cut", nargs=2, required=True)
    parser.add_argument("--labels", type=pathlib.Path, required=True)
    parser.add_argument("--reason", default="out_of_reach")
    parser.add_argument("--shots", type=pathlib.Path)
    parser.add_argument("--axe", type=pathlib.Path)
    options = parser.parse_args()
    seen = {}
    page = browser.Browser(1280, 900, downloads=options.labels.resolve())
    try:
        page.open((options.output / "review/index.html").resolve().as_uri())
        page.wait("document.querySelectorAll('.tabulator-row').length > 0")
        index = page.run("gripTrace.index_")
        seen["demos"] = [demo["name"] for demo in index["demos"]]

        # Sorted by margin: a click on the column's head, least first.
        page.run("document.querySelector('.tabulator-col[tabulator-field=margin] .tabulator-col-content').click()")
        page.wait("document.querySelector('.tabulator-col[tabulator-field=margin]').getAttribute('aria-sort') === 'ascending'")
        margins = {demo["name"]: demo.get("margin") for demo in index["demos"]}
        known = [name for name in names(page) if margins[name] is not None]
        seen["by_margin"] = known
        expect(known == sorted(known, key=lambda name: margins[name]), f"sorted by margin: {known} of {margins}")

        # Filtered by a reason.
        page.run(f"(() => {{ const s = document.getElementById('filter-reason'); s.value = '{options.reason}'; s.dispatchEvent(new Event('change')); }})()")
        wanted = sorted(d["name"] for d in index["demos"] if options.reason in d["rejected"] or d["reason"] == options.reason)
        page.wait(f"document.querySelectorAll('.tabulator-row').length === {len(wanted)}")
        seen["with_reason"] = sorted(names(page))
        expect(seen["with_reason"] == wanted, f"filtered by {options.reason}: {seen['with_reason']}, not {wanted}")
        page.run("[...document.querySelectorAll('.filters button')].at(-1).click()")

        # One rejected by a key, after a look at its video.
        page.run(f"location.hash = encodeURIComponent('{options.reject}')")
        page.wait("document.querySelector('#demo h2') && document.querySelector('#demo video').readyState > 1")
        page.run("(() => { const m = document.getElementById('moment'); m.value = Number(m.max) / 2; m.dispatchEvent(new Event('input')); })()")
        middle = page.run("Number(document.getElementById('moment').value)")
        page.wait(f"Math.abs(document.querySelector('#demo video').currentTime - {middle}) < 0.1 && !document.querySelector('#demo video').seeking")
        seen["scrubbed_to"] = page.run("document.querySelector('#demo video').currentTime")
        seen["words"] = page.run("[...document.querySelectorAll('.rejection')].map((e) => e.textContent)")
        seen["curves"] = page.run("document.querySelectorAll('#demo .plot').length")
        page.run("document.activeElement.blur()")
        page.key("r")
        page.wait(f"decisions.judgement('{options.reject}') === 'reject' && document.getElementById('reject').getAttribute('aria-pressed') === 'true'")
        # Undo and redo.
        page.key("u")
        page.wait(f"decisions.judgement('{options.reject}') === ''")
        page.key("U", shift=True)
        page.wait(f"decisions.judgement('{options.reject}') === 'reject'")

        # Another one cut at a moment that keys lead to.
        name, seconds = options.cut[0], float(options.cut[1])
        page.run(f"location.hash = encodeURIComponent('{name}')")
        page.wait(f"document.querySelector('#demo h2')?.textContent.startsWith('{name} ')")
        page.wait("document.querySelector('#demo video').readyState > 1")
        for _ in range(int(seconds)):
            page.key("ArrowRight", shift=True)
        while page.run("demoPage.now") < seconds - 1e-3:
            page.key("ArrowRight")
        page.key("c")
        seen["cut_at"] = page.run("decisions.rows.find((row) => row.label === 'cut').start")
        expect(abs(seen["cut_at"] - seconds) < 0.05, f"cut at {seen['cut_at']} s, not {seconds}")
        if page.run("!document.querySelector('[data-mode=exported]').disabled"):
            page.run("document.querySelector('[data-mode=exported]').click()")
            page.wait("document.querySelector('#demo video').readyState > 1 && document.querySelector('#demo video').src.includes('/lerobot')")
            seen["exported_at"] = page.run("document.querySelector('#demo video').currentTime")

        page.key("s")
        labels = options.labels / "labels.csv"
        page.until(labels.exists, "the download")
        time.sleep(0.2)
        seen["labels"] = labels.read_text()
        if options.axe:
            page.run(options.axe.read_text() + ";0")
            seen["axe"] = {"demo": page.run(AXE)}
            page.key("Escape")
            page.wait("!document.getElementById('overview').hidden")
            seen["axe"]["overview"] = page.run(AXE)
            serious = [v for found in seen["axe"].values() for v in found if v["impact"] in ("serious", "critical")]
            expect(not serious, json.dumps(serious, indent=1))
        seen["requests"] = sorted({url.split(":")[0] for url in page.requests})
        expect(set(seen["requests"]) <= {"file", "data", "blob"}, f"requests left the page: {page.requests}")
        expect(not page.errors, f"the page complains: {page.errors}")
        if options.shots:
            options.shots.mkdir(parents=True, exist_ok=True)
            for width, dark in [(1600, False), (1600, True), (500, False), (500, True)]:
                page.size(width, 1000, dark)
                for part, hash_ in [("overview", ""), ("demo", options.reject)]:
                    page.run(f"location.hash = '{hash_}'")
                    time.sleep(1)
                    page.picture(options.shots / f"{part}-{width}-{'dark' if dark else 'light'}.png")
    finally:
        page.close()
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
