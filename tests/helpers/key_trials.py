"""Every key of a TOML file tried once: what a run leaves behind with another value of it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel

from mitmodels.cases import api
from mitmodels.cases.config.messages import classes
from mitmodels.cases.config.section import CaseConfig
from mitmodels.errors import InputError

_WHOLE = ("until", "steps")  # conditions, and steps of a repetition
_LISTS = (
    r"^protocol\.|^experiment\.|^parameter\.|(?<=experiment\.)figures\."  # the first one is tried
)
_EFFORT = ("wall_time", "newton_iterations")


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Keys of a model and of its sections; the case that a fit adjusts is one."""
    for name, field_ in model.model_fields.items():
        sections = [kind for kind in classes(field_.annotation) if issubclass(kind, BaseModel)]
        if not sections or name in _WHOLE or any(issubclass(s, CaseConfig) for s in sections):
            yield f"{prefix}{name}"
            continue
        for section in sections:
            yield from keys(section, f"{prefix}{name}.")


def outcome(file: Path, overrides: tuple[str, ...], path: Path) -> dict[str, object]:
    """What a run leaves behind, but for its inputs and its wall time."""
    run = api.run(file, path, overrides=overrides)
    tables = {table.name: table.read_text() for table in sorted(path.glob("*.csv"))}
    files = sorted(
        f"{f.parent.name}/{f.name}"
        for kind in ("fields", "figures")
        for f in (path / kind).iterdir()
    )
    summary = {k: v for k, v in run.summary.items() if k not in _EFFORT}
    return {**tables, "files": files, "summary": json.dumps(summary)}


@dataclass
class Trials:
    """Runs below a folder; each of those that keys are tried on is computed once."""

    folder: Path
    _known: dict[tuple[Path, tuple[str, ...]], dict[str, object]] = field(default_factory=dict)

    def unchanged(self, file: Path, given: tuple[str, ...]) -> dict[str, object]:
        """What the run leaves behind without a change."""
        if (file, given) not in self._known:
            path = self.folder / f"unchanged-{len(self._known)}"
            self._known[file, given] = outcome(file, given, path)
        return self._known[file, given]

    def check(self, key: str, file: Path, given: tuple[str, ...], value: str) -> None:
        """Assert that a value of a key changes what the run leaves behind, or is refused."""
        before = self.unchanged(file, given)
        name = re.sub(_LISTS, r"\g<0>0.", key)
        section = key.partition(".")[0]
        try:
            after = outcome(file, (*given, f"{name}={value}"), self.folder / f"{file.stem}-{key}")
        except InputError as error:
            after = {"refusal": str(error)}
        assert after != before
        assert section in after.get("refusal", section)
