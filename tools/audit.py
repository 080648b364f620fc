"""Look the locked packages up among the known vulnerabilities, and list their licences."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv/bin"


def tool(package, *command):
    """Run a program of the package index in an environment of its own."""
    environment = {"UV_SYSTEM_CERTS": "1", **os.environ}
    return subprocess.run(
        [BIN / "uvx", "--quiet", "--from", package, *command],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


def fail(problem, remedy):
    """End with one sentence."""
    sys.exit(f"error: {problem}. Remedy: {remedy}.")


def list_licences():
    """Print every installed package with its version and licence."""
    python = f"--python={BIN / 'python'}"
    done = tool("pip-licenses==5.5.5", "pip-licenses", python, "--from=mixed", "--order=license")
    if done.returncode:
        words = (done.stderr.strip() or "no word").splitlines()[-1]
        fail(f"the licences cannot be listed ({words})", "connect to the package index")
    print(done.stdout)


def list_vulnerabilities(lock):
    """Print what is known of the packages of a lock; end with 1 if there is anything."""
    done = tool(
        "pip-audit==2.10.1", "pip-audit", "--strict", "--disable-pip", "--no-deps", "-r", lock
    )
    said = done.stderr.strip().splitlines() or ["no word"]
    print(done.stdout, end="")
    if not done.returncode:
        print(said[-1])
    elif any(line.startswith("Found ") for line in said):
        sys.exit("error: packages with known vulnerabilities. Remedy: make lock.")
    else:
        fail(
            f"the vulnerabilities cannot be looked up ({said[-1]})", "connect to the package index"
        )


if __name__ == "__main__":
    list_licences()
    list_vulnerabilities(*(sys.argv[1:] or [str(ROOT / "requirements.lock")]))
