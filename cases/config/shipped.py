"""TOML files that come with the package: cases and records of materials."""

import json
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

from mitmodels.cases.config.messages import known
from mitmodels.errors import InputError

CASES = Path(str(files("mitmodels.cases")))
MATERIALS = CASES / "materials"


def cases() -> dict[str, str]:
    """Return name and first comment line of every case that comes with the project."""
    return {
        file.stem: file.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
        for file in sorted(CASES.glob("*.toml"))
    }


def case_names() -> dict[str, str]:
    """Return what the case of every shipped file is called, and of every such name itself."""
    files = {file.stem: tomllib.loads(file.read_text("utf-8")) for file in CASES.glob("*.toml")}

    def named(content: dict[str, Any]) -> str:
        return str(content["case"]) if "case" in content else named(files[content["base"]])

    found = {name: named(content) for name, content in files.items()}
    described = json.loads(schema())
    models = (
        described["$defs"][choice["$ref"].rpartition("/")[2]]
        for choice in described["oneOf"]
        if "$ref" in choice
    )
    cases = (model["properties"]["case"] for model in models)
    return found | {name: name for case in cases for name in case.get("enum", [case.get("const")])}


def schema() -> str:
    """Print the JSON schema of the TOML files, for editors."""
    return (CASES / "config" / "mitmodels.schema.json").read_text(encoding="utf-8").rstrip()


def new(name: str, file: Path | str | None = None, /) -> Path:
    """Copy the TOML file of a case or a material to a new one to edit.

    Parameters
    ----------
    name
        One that `mitmodels cases` or `mitmodels materials` lists.
    file
        New TOML file. Default: the name with .toml, in the working directory.

    Returns
    -------
    Path
        The new file.

    Raises
    ------
    InputError
        If there is no such case or material, or the file exists or cannot be written.
    """
    target = Path(file or f"{name}.toml")
    sources = {
        source.stem: source for folder in (MATERIALS, CASES) for source in folder.glob("*.toml")
    }
    if name not in sources and str(file) in sources:
        raise InputError(f"{name}: is no case or material: the name comes first, new {file} {name}")
    source = sources[known(name, sources, "case or material")]
    try:
        with target.open("xb") as opened:
            opened.write(source.read_bytes())
    except FileExistsError:
        raise InputError(f"{target}: exists already: name another file") from None
    except OSError as error:
        raise InputError(f"{target}: cannot be written ({error.strerror}): name another") from None
    return target
