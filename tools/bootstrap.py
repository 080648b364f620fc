"""Make `.venv` with the locked packages and try them; runs on any Python >= 3.7, stdlib only."""

import hashlib
import http.client
import io
import os
import platform
import re
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
VENV = ROOT / ".venv"
MANAGED = ["--managed-python", "-p", "3.13"]  # what uv fetches where no Python fits
CONDA = "conda env create -f environment.yml"

# DOLFINx compiles its forms at run time, so the headers count as much as the version; its
# wheel does not load in a free-threaded build.
FITS = """
import os, sys, sysconfig
header = os.path.join(sysconfig.get_path("include"), "Python.h")
fits = (3, 12) <= sys.version_info[:2] <= (3, 14) and os.path.exists(header)
print(sys.executable if fits and not sysconfig.get_config_var("Py_GIL_DISABLED") else "")
"""

# What needs the machine's own compiler and libraries, and the code that tries it.
CHECKS = {
    "compile a form with DOLFINx": """
import mitmodels.meshes.runtime
import ufl
from dolfinx import fem, mesh
from mpi4py import MPI
line = mesh.create_unit_interval(MPI.COMM_SELF, 2)
fem.form(fem.Constant(line, 1.0) * ufl.dx)
""",
    "load Gmsh": "import gmsh",
    "load VTK": "import pyvista",
}
APT = " ".join((ROOT / "tools/apt.txt").read_text().split())
DNF = (
    "gcc glibc-devel mesa-libEGL mesa-libGL mesa-dri-drivers mesa-libGLU libXcursor libXft "
    "libXinerama"
)


def fail(problem, remedy):
    """End with one sentence."""
    sys.exit(f"error: {problem}. Remedy: {remedy}.")


def output(*command):
    """Return what a command prints, or nothing where it cannot be run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def fault(*command, **environment):
    """Run a command in the project's folder; return its last words if it fails, else nothing."""
    environment = {**os.environ, **environment}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode < 0:
        return f"ended by signal {-done.returncode}"
    words = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
    return words[-1].strip() if done.returncode else ""


def find_python():
    """Return a Python that fits: names on PATH, then pyenv's versions; newest first."""
    names = ["python3.14", "python3.13", "python3.12", "python3"]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    folders = [folder for folder in pyenv.glob("3.*") if re.match(r"[\d.]+$", folder.name)]
    folders.sort(key=lambda folder: [int(part) for part in folder.name.split(".")], reverse=True)
    # A pyenv shim on PATH may exist and still end with status 127: only running it tells.
    candidates = names + [folder / "bin/python" for folder in folders]
    return next(filter(None, (output(name, "-c", FITS) for name in candidates)), None)


def use_mirror_of_pip():
    """Let uv use the package index that pip is configured for."""
    mirror = os.environ.get("PIP_INDEX_URL") or output(
        sys.executable, "-m", "pip", "config", "get", "global.index-url"
    )
    if mirror:
        os.environ.setdefault("UV_DEFAULT_INDEX", mirror)


def get(url):
    """Return the bytes behind a URL."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


def find_uv():
    """Return uv: from PATH, or unpacked into `.tools` from the wheel in the lock, or None."""
    local = ROOT / ".tools/uv"
    for uv in ("uv", local):
        if output(uv, "--version"):
            return uv
    entry = re.search(r"^uv==.*(?:\n .*)+", LOCK.read_text(), re.M).group()
    page = os.environ.get("UV_DEFAULT_INDEX", "https://pypi.org/simple").rstrip("/") + "/uv/"
    try:
        links = re.findall(r'href="([^"#]+-manylinux_[^"#]+)#sha256=(\w+)"', get(page).decode())
        link = next(link for link, digest in links if digest in entry and "_x86_64" in link)
        wheel = get(urllib.parse.urljoin(page, link))
    except (OSError, ValueError, StopIteration, http.client.HTTPException) as error:
        print(f"uv cannot be fetched ({error!r}): pip takes its place", flush=True)
        return None
    if hashlib.sha256(wheel).hexdigest() not in entry:
        fail(f"{link} is not the file that {LOCK.name} names", "check the package index in use")
    local.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        name = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
        local.write_bytes(archive.read(name))
    local.chmod(0o755)
    return local


def make_venv(uv):
    """Make `.venv` from a Python of the machine, or from one that uv fetches."""
    python = find_python()
    if uv:
        problem = fault(uv, "venv", "--clear", *(["-p", python] if python else MANAGED), VENV)
    elif python:
        problem = fault(python, "-m", "venv", "--clear", VENV)
    else:
        problem = "there is no uv"
    if problem:
        fail(
            f"no Python 3.12 to 3.14 with venv and Python.h, and none can be fetched ({problem})",
            "sudo apt install python3-dev python3-venv (Debian 13, Ubuntu 24.04 or newer), "
            f"sudo dnf install python3-devel (Fedora), pyenv install 3.13 (older ones), or {CONDA}",
        )


def install(uv):
    """Install the locked packages, then the project itself in editable mode."""
    python = VENV / "bin/python"
    installer = [python, "-m", "pip", "install"]
    if uv:  # it leaves byte code to the first import, for which a user may lack the right
        installer = [uv, "pip", "install", "-p", python, "--compile-bytecode"]
    problem = fault(*installer, "--require-hashes", "-r", LOCK) or fault(
        *installer, "--no-deps", "--no-build-isolation", "-e", "."
    )
    if problem:
        fail(
            f"the packages of {LOCK.name} cannot be installed ({problem})",
            f"name the mirror or proxy of your network in PIP_INDEX_URL or HTTPS_PROXY, or {CONDA}",
        )


def check_machine():
    """Try what needs the machine's own compiler and libraries."""
    python = VENV / "bin/python"
    # An empty cache, lest a form compiled earlier answers for a compiler that is gone.
    with tempfile.TemporaryDirectory() as cache:
        faults = {
            what: fault(python, "-c", code, XDG_CACHE_HOME=cache) for what, code in CHECKS.items()
        }
    failed = [f"{what} ({problem})" for what, problem in faults.items() if problem]
    if failed:
        fail(
            f"this machine cannot {', nor '.join(failed)}",
            f"sudo apt install {APT} (Debian, Ubuntu), sudo dnf install {DNF} (Fedora), or {CONDA}",
        )


def main():
    """Set the project up."""
    libc, version = platform.libc_ver()
    recent = libc == "glibc" and [int(part) for part in version.split(".")] >= [2, 34]
    if not (recent and platform.machine() == "x86_64"):
        fail("the DOLFINx wheel needs Linux on x86_64 with glibc 2.34 or newer", CONDA)
    print("Setting up .venv (once, 10 to 90 seconds)", flush=True)
    os.environ.setdefault("UV_SYSTEM_CERTS", "1")  # those that pip and urllib trust
    use_mirror_of_pip()
    uv = find_uv()
    python = VENV / "bin/python"
    # A set-up that was cut short may have left a `.venv` without pip.
    if not (output(python, "-c", FITS) and (uv or output(python, "-m", "pip", "--version"))):
        make_venv(uv)
    install(uv)
    check_machine()


if __name__ == "__main__":
    main()
