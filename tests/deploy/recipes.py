"""What Dockerfile, compose.yaml and the units say is to be run, read from the files themselves."""

import re
import shlex
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

ROOT = Path(settings.ROOT)
UNITS = ROOT / "ops" / "systemd"
_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")


@dataclass(frozen=True, slots=True)
class Process:
    """A command line and what its environment adds."""

    command: list[str]
    env: dict[str, str]


@dataclass(frozen=True, slots=True)
class Image:
    """The instructions of a Dockerfile, in their order, and what its last stage says of a container."""

    steps: list[tuple[str, str]]

    @property
    def env(self) -> dict[str, str]:
        return dict(pair.split("=", 1) for name, rest in self.steps if name == "ENV" for pair in shlex.split(rest))

    @property
    def command(self) -> list[str]:
        return _exec_form(self._last("CMD"))

    @property
    def health_check(self) -> list[str]:
        return _exec_form(self._last("HEALTHCHECK").partition(" CMD ")[2])

    def _last(self, instruction: str) -> str:
        return [rest for name, rest in self.steps if name == instruction][-1]


def image() -> Image:
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.M).replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip()]
    return Image([(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines)])


def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return read


def service(name: str, variables: Mapping[str, str]) -> Process:
    """One of ours. `variables` are those of production.env."""
    read = compose()["services"][name]
    command = shlex.split(read["command"]) if "command" in read else image().command
    own = {key: _fill(str(value), variables) for key, value in read["environment"].items()}
    return Process(command, {**image().env, **variables, **own})


def health_check(name: str) -> list[str]:
    test: list[str] = compose()["services"][name].get("healthcheck", {}).get("test", ["CMD", *image().health_check])
    assert test[0] == "CMD"
    return test[1:]


def unit(name: str) -> Process:
    """A unit of ours, with what its drop-in adds."""
    said = read_unit(UNITS / name)
    assert said["Service.EnvironmentFile"] == ["/etc/qr-unattended.env"]
    [line] = said["Service.ExecStart"]
    pairs = [pair for line in said["Service.Environment"] for pair in shlex.split(line)]
    return Process(shlex.split(line), dict(pair.split("=", 1) for pair in pairs))


def read_unit(file: Path) -> dict[str, list[str]]:
    """`Section.Key` → its values, those of all drop-ins first."""
    said: dict[str, list[str]] = defaultdict(list)
    for one in (*sorted((UNITS / "qr-unattended-.service.d").glob("*.conf")), file):
        section = ""
        for line in one.read_text().splitlines():
            if line.startswith("["):
                section = line.strip("[]")
            elif "=" in line and not line.startswith("#"):
                key, _, value = line.partition("=")
                said[f"{section}.{key}"].append(value)
    return said


def blocks(page: str, kind: str) -> Iterator[str]:
    """The commands that a page of docs/ tells, of one kind: ```sh kind."""
    yield from re.findall(rf"^```sh {kind}\n(.*?)^```", (ROOT / "docs" / page).read_text(), re.M | re.S)


def _exec_form(text: str) -> list[str]:
    words: list[str] = yaml.safe_load(text)  # a list in JSON
    assert isinstance(words, list), f"{text} is for a shell, which would keep signals from the process"
    return words


def _fill(text: str, variables: Mapping[str, str]) -> str:
    def look(found: re.Match[str]) -> str:
        value = variables.get(found["name"], "")
        assert value or found["kind"] != "?", f"{found['name']}: {found['rest']}"
        return value or found["rest"] or ""

    return _VARIABLE.sub(look, text)
