"""A page in headless Chromium without a network, driven by the events that a user's hand sends."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")

_OFFLINE = "MAP * ~NOTFOUND"
_ERRORS = """<script>
const errors = [];
addEventListener("error", (event) => errors.push(event.message), true);
addEventListener("unhandledrejection", (event) => errors.push(String(event.reason)));
console.error = console.warn = (...said) => errors.push(said.join(" "));
</script>"""
_DRIVE = """<script>
const wait = () => new Promise((done) => setTimeout(done, 400));
const send = (node, value) => { node.value = value; node.dispatchEvent(new Event("input")); };
(async () => {
  const result = { errors };
  const steps = async () => { await wait(); STEPS };
  await steps().catch((error) => errors.push(String(error)));
  const found = document.createElement("pre");
  found.id = "result";
  found.textContent = JSON.stringify(result);
  document.body.append(found);
})();
</script>"""


def drive(page: Path, steps: str, work: Path, width: int = 1400) -> dict:
    """Return what JavaScript steps put into `result`, and all `errors` of the page."""
    text = page.read_text().replace("<head>", f"<head>{_ERRORS}", 1)
    copy = work / "driven.html"
    copy.write_text(text.replace("</body>", f"{_DRIVE.replace('STEPS', steps)}</body>"))
    command = [
        *(CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--dump-dom"),
        *(f"--user-data-dir={work / 'profile'}", f"--host-resolver-rules={_OFFLINE}"),
        *(f"--window-size={width},900", "--virtual-time-budget=20000", copy.as_uri()),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return json.loads(done.stdout.partition('<pre id="result">')[2].partition("</pre>")[0])
