"""Asks PyPI's advisories about every pinned package.

Exit 1 with findings. When nobody could be asked the run goes on, with a banner: a service that is down says nothing of
us, and must not stop a repair. AUDIT_MUST_ANSWER=1 makes that a failure too, e.g. before a release.
"""

import json
import os
import subprocess
import sys
from typing import Any

_BANNER = "!" * 120


def main(files: list[str]) -> int:
    """Whether something is known to be broken."""
    wanted = [option for file in files for option in ("--requirement", file)]
    # What is pinned with hashes is complete: nothing is resolved, and nothing installed.
    command = [sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "--format", "json", *wanted]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command line
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return _nobody_answered(done.stderr)
    findings = [_line(package, hole) for package in packages for hole in package.get("vulns", ())]
    print("\n".join(findings) or f"{len(packages)} packages, none with a known hole")
    skipped = [package for package in packages if "skip_reason" in package]
    print("\n".join(f"not audited: {package['name']}: {package['skip_reason']}" for package in skipped))
    return 1 if findings or skipped else 0


def _line(package: dict[str, Any], hole: dict[str, Any]) -> str:
    mended = ", ".join(hole["fix_versions"]) or "no version yet"
    return f"{package['name']} {package['version']}: {hole['id']} ({', '.join(hole['aliases'])}); mended in {mended}"


def _nobody_answered(why: str) -> int:
    print(f"{_BANNER}\nTHE PACKAGES WERE NOT AUDITED: nobody could be asked.\n{why.strip()[-2000:]}\n{_BANNER}")
    return int(os.environ.get("AUDIT_MUST_ANSWER", "") == "1")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
