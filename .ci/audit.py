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
    why = ""
    for service in ("pypi", "osv"):
        packages, why = _ask(service, files)
        if packages and not all("skip_reason" in package for package in packages):
            return _judge(service, packages)
        why = why or f"{service} knows none of {len(packages)} packages"
    print(f"{_BANNER}\nTHE PACKAGES WERE NOT AUDITED: nobody could be asked.\n{why}\n{_BANNER}")
    return int(os.environ.get("AUDIT_MUST_ANSWER", "") == "1")


def _ask(service: str, files: list[str]) -> tuple[list[dict[str, Any]], str]:
    """All packages with what is known of them; none, and why, when there was no answer."""
    wanted = [option for file in files for option in ("--requirement", file)]
    # What is pinned with hashes is complete: nothing is resolved, and nothing installed.
    options = ["--require-hashes", "--disable-pip", "--format", "json", "--timeout", "15", "--vulnerability-service"]
    command = [sys.executable, "-m", "pip_audit", *options, service, *wanted]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command line
    try:
        return json.loads(done.stdout)["dependencies"], ""
    except (ValueError, KeyError):
        return [], f"{service}: {(done.stderr.strip().splitlines() or ['no answer'])[-1][-500:]}"


def _judge(service: str, packages: list[dict[str, Any]]) -> int:
    findings = [_line(package, hole) for package in packages for hole in package.get("vulns", ())]
    unknown = [f"{p['name']}: not audited, {p['skip_reason']}" for p in packages if "skip_reason" in p]
    print("\n".join([*findings, *unknown]) or f"{service}: {len(packages)} packages, none with a known hole")
    return 1 if findings or unknown else 0


def _line(package: dict[str, Any], hole: dict[str, Any]) -> str:
    mended = ", ".join(hole["fix_versions"]) or "no version yet"
    return f"{package['name']} {package['version']}: {hole['id']} ({', '.join(hole['aliases'])}); mended in {mended}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
