"""Print the Apptainer definition that does what `containers/Dockerfile` does, in one stage."""

import json
import re
import shlex
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = "# Made from Dockerfile by `make containers/mitmodels.def`; built in the root folder.\n"


def instructions(text):
    """Yield the instructions of a Dockerfile: word and rest, continued lines joined."""
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for line in re.sub(r"\\\n", "\\\\\n", lines).replace("\\\n", "\0").splitlines():
        if line.strip():
            word, rest = line.split(maxsplit=1)
            yield word, rest.replace("\0", "\\\n")


def settings(rest):
    """Return the assignments of ENV, ARG and LABEL."""
    return re.findall(r'([\w.]+)=("[^"]*"|\S+)', rest)


def copies(found):
    """Yield source and target of the files that come from the source."""
    folder = "/"
    for word, rest in found:
        folder = rest if word == "WORKDIR" else folder
        if word == "COPY" and not rest.startswith("--from"):
            *sources, target = rest.split()
            for source in sources:
                yield source, Path(folder, target, Path(source).name if target[-1] == "/" else "")


def step(word, rest):
    """Return what an instruction means as lines of shell."""
    if word == "ENV":
        return [f"export {name}={value}" for name, value in settings(rest)]
    return {"RUN": [rest], "WORKDIR": [f"mkdir -p {rest} && cd {rest}"]}.get(word, [])


def definition(text):
    """Return the definition file of a Dockerfile whose stages build upon one another."""
    given = dict(
        setting for word, rest in instructions(text) if word == "ARG" for setting in settings(rest)
    )
    base = given["BASE"].removeprefix("docker.io/")
    # An argument of the build is {{NAME}} here.
    found = list(instructions(re.sub(rf"\$\{{({'|'.join(given)})\}}", r"{{\1}}", text)))
    (entry,) = (json.loads(rest) for word, rest in found if word == "ENTRYPOINT")
    named = [
        (word, name, value)
        for word, rest in found
        if word in ("ENV", "LABEL")
        for name, value in settings(rest)
    ]
    # As from a Docker image: what the caller has set counts, but for PATH.
    values = {
        name: value if name == "PATH" else f"${{{name}:-{value}}}"
        for word, name, value in named
        if word == "ENV"
    }
    sections = {
        "arguments": [f"{name}={value}" for name, value in given.items()],
        "files": [f"{source} {target}" for source, target in copies(found)],
        "post": ["set -e", *(line for item in found for line in step(*item))],
        "environment": [f"export {name}={value}" for name, value in values.items()],
        "labels": [f"{name} {value}" for word, name, value in named if word == "LABEL"],
        "runscript": [f'exec {shlex.join(entry)} "$@"'],
        "test": [f"{shlex.join(entry)} check /opt/mitmodels/cases/qpc_loop.toml"],
    }
    text = f"{HEAD}Bootstrap: docker\nFrom: {base}\n"
    for name, lines in sections.items():
        text += f"\n%{name}\n" + "".join(f"{line}\n" for line in lines)
    return text


if __name__ == "__main__":
    sys.stdout.write(definition((ROOT / "containers/Dockerfile").read_text()))
