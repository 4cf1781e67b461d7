"""All that `make bench` measures, one part after the other; what they say is kept in docs/performance.md."""

import argparse
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench import ground

_REPORT = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
_BEGIN, _END = "<!-- written by make bench: begin -->\n", "<!-- written by make bench: end -->\n"
PARTS = {"poll": "The polled URL", "webhook": "The webhook", "worker": "The worker"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all when none is named")
    parts = parser.parse_args().parts or list(PARTS)
    machine = _machine()
    print(machine, flush=True)
    said = {part: _run(part) for part in parts}
    if parts == list(PARTS):
        text = "\n".join(f"### {PARTS[part]}\n\n{output}" for part, (output, _code) in said.items())
        before, _, rest = _REPORT.read_text().partition(_BEGIN)
        _REPORT.write_text(f"{before}{_BEGIN}\n`make bench`: {machine}\n\n{text}\n{_END}{rest.partition(_END)[2]}")
    return max(code for _output, code in said.values())


def _run(part: str) -> tuple[str, int]:
    """What it printed, shown as it comes, and its exit code."""
    lines: list[str] = []
    command = [sys.executable, "-m", f"bench.{part}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command line
        for line in process.stdout or ():
            print(line, end="", flush=True)
            lines.append(line)
    return "".join(lines), process.returncode


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    kernel = f"{models[0] if models else platform.machine()}, {platform.system()} {platform.release()}"
    return f"{datetime.now(UTC):%Y-%m-%d}, {kernel}; load before {ground.load()}"


if __name__ == "__main__":
    sys.exit(main())
