"""A headless Chromium driven through its debugging pipe, with nothing but Python's own library.

The browser is the one that GRIPTRACE_CHROMIUM names, else the first of BROWSERS on the path (Debian: `chromium-headless-shell` or `chromium`).
"""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def find():
    """The browser's path; None where there is none."""
    return os.environ.get("GRIPTRACE_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


class Browser:
    """One page. Every request of it is kept in `requests`, everything it complains about in `errors`."""

    def __init__(self, width=1280, height=900, dark=False, downloads=None):
        self.profile = tempfile.mkdtemp(prefix="griptrace-browser-")
        to_browser, from_browser = os.pipe(), os.pipe()
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$0" "$@" 3<&{to_browser[0]} 4>&{from_browser[1]}', find(), "--headless", "--no-sandbox", "--remote-debugging-pipe",
             "--disable-gpu", "--allow-file-access-from-files=false", f"--user-data-dir={self.profile}", "about:blank"],
            pass_fds=(to_browser[0], from_browser[1]), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser[0])
        os.close(from_browser[1])
        self.out, self.into = to_browser[1], from_browser[0]
        self.buffer, self.number, self.events = b"", 0, []
        self.requests, self.errors = [], []
        self.session = None
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.call("Performance.enable", timeDomain="threadTicks")
        self.size(width, height, dark)
        if downloads:
            self.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(downloads), eventsEnabled=True)

    def size(self, width, height, dark=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def send(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session and not method.startswith(("Target.", "Browser.")):
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        return self.number

    def receive(self, seconds):
        """The next message; None after so many seconds."""
        end = time.time() + seconds
        while b"\0" not in self.buffer:
            left = end - time.time()
            if left <= 0 or not select.select([self.into], [], [], left)[0]:
                return None
            data = os.read(self.into, 1 << 20)
            if not data:
                raise RuntimeError("the browser ended")
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(line)
        method, about = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(about["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            details = about["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Log.entryAdded" and about["entry"]["level"] == "error":
            self.errors.append(about["entry"]["text"] + " " + about["entry"].get("url", ""))
        if method:
            self.events.append(message)
        return message

    def call(self, method, **parameters):
        wanted = self.send(method, **parameters)
        while True:
            message = self.receive(60)
            if message is None:
                raise RuntimeError(f"{method}: no answer within a minute")
            if message.get("id") == wanted:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]

    def run(self, script):
        """The value of a JavaScript expression, awaited."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"].get("exception", {}).get("description", "exception") + f" in {script}")
        return result["result"].get("value")

    def open(self, url):
        self.events.clear()
        self.call("Page.navigate", url=url)
        self.until(lambda: any(e["method"] == "Page.loadEventFired" for e in self.events), "load")

    def until(self, condition, what, seconds=20):
        end = time.time() + seconds
        while not condition():
            if time.time() > end:
                raise RuntimeError(f"{what} did not happen within {seconds} s")
            self.receive(0.05)

    def wait(self, script, seconds=20):
        """Until a JavaScript expression is true."""
        self.until(lambda: self.run(script), script, seconds)

    def key(self, key, shift=False):
        code = {"ArrowRight": 39, "ArrowLeft": 37, "Enter": 13, "Escape": 27, "Tab": 9}.get(key)
        about = {"key": key, "modifiers": 8 if shift else 0}
        if code:
            about["windowsVirtualKeyCode"] = code
        if len(key) == 1 or key == "Enter":
            about["text"] = "\r" if key == "Enter" else key
        self.call("Input.dispatchKeyEvent", type="keyDown", **about)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    def picture(self, path, whole=False):
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def close(self):
        try:
            self.send("Browser.close")
            self.process.wait(10)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.out)
        os.close(self.into)
        shutil.rmtree(self.profile, ignore_errors=True)
