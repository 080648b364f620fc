"""How long a user waits before anything is computed."""

import subprocess
import sys
import time
from pathlib import Path

_CASE = Path(__file__).parents[2] / "cases" / "lsmo_iv.toml"
_MITMODELS = str(Path(sys.executable).with_name("mitmodels"))
_COMMANDS = {
    "import mitmodels": [sys.executable, "-c", "import mitmodels"],
    "mitmodels --help": [_MITMODELS, "--help"],
    "mitmodels check cases/lsmo_iv.toml": [_MITMODELS, "check", str(_CASE)],
}


def _seconds(command: list[str]) -> float:
    begin = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True)
    return time.perf_counter() - begin


def test_commands(tabulate) -> None:
    rows = []
    for name, command in _COMMANDS.items():
        rows.append((name, f"{min(_seconds(command) for _ in range(5)):.2f}"))
    tabulate("Commands", "Best of five, file caches warm.", ("command", "seconds"), rows)
