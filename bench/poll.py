"""What a poll costs beside what a user would otherwise build: python -m bench.poll. See bench/README.md."""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import requests

from bench import ground
from bench.ground import ROOT, free_port
from bench.servers import GRANIAN, GUNICORN, UVICORN, Backends, Load, Server, load, running
from bench.yardsticks.poll_sql import QUESTION

OF_THE_LIMIT, OF_THE_TEXTBOOK, OF_ITS_P99 = 0.5, 6, 2.5
WARM_UP = 2  # seconds, not counted: connections are opened, statements prepared
POINTS = 50  # points of sale with an order each; wrk asks for one after the other
_PUBLIC_URL = "http://pumps.example"
LIMIT, OURS, VIEW, TEXTBOOK = "bare WSGI app", "ours", "ours, the DRF view alone", "textbook DRF view"
STARLETTE, EXPRESS = "Starlette + asyncpg", "Express + pg"
GRANIAN_LIMIT, GRANIAN_OURS = "bare WSGI app on granian", "ours on granian"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--only", default="", help="servers with this in their name; the limit is always there")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-poll-")))
        url, _is_new = stack.enter_context(ground.database("", default="bench_poll"))
        backends = stack.enter_context(_backends(url))
        print(f"{ground.machine()}; load before {ground.load()}\n", flush=True)
        tokens = _prepare(url, var)
        script = _script(var, tokens)
        body = _body(url, var, tokens[0])
        servers = [s for s in _servers(url, var, body) if arguments.only in s.name or s.name == LIMIT]
        for number in range(arguments.rounds):
            for server in servers:  # one at a time: together they want more connections than PostgreSQL has
                with running(server, var):
                    if number == 0:
                        _compare(server, tokens[0], body)
                    for seconds in (WARM_UP, arguments.seconds):
                        measured = load(
                            server, seconds=seconds, connections=arguments.connections, backends=backends, script=script
                        )
                    server.rounds.append(measured)
        return _judge({server.name: server.rounds for server in servers})


def _servers(url: str, var: Path, body: str) -> list[Server]:
    """All of them, each with a port of its own."""
    ours = _environment(url, var)

    def gunicorn(name: str, module: str, **env: str) -> Server:
        port = free_port()
        return Server(name, [*GUNICORN, f"{module}:application"], port, {**ours, "PORT": str(port), **env})

    def granian(name: str, module: str, **env: str) -> Server:
        port = free_port()
        return Server(name, [*GRANIAN, "--port", str(port), f"{module}:application"], port, {**ours, **env})

    def starlette() -> Server:
        port = free_port()
        command = [*UVICORN, "--port", str(port), "bench.yardsticks.poll_starlette:application"]
        return Server(STARLETTE, command, port, ours)

    def express() -> Server:
        port = free_port()
        env = {"PORT": str(port), "WORKERS": "2", "DATABASE_URL": url, "PUBLIC_URL": _PUBLIC_URL, "QUESTION": QUESTION}
        return Server(EXPRESS, ["node", "server.js"], port, env | {"NODE_ENV": "production"}, ROOT / "bench/express")

    return [
        gunicorn(LIMIT, "bench.yardsticks.poll_bare", BENCH_BODY=body),
        gunicorn(OURS, "config.wsgi"),
        gunicorn(VIEW, "bench.yardsticks.poll_reference"),
        gunicorn(TEXTBOOK, "bench.yardsticks.poll_textbook"),
        starlette(),
        express(),
        granian(GRANIAN_LIMIT, "bench.yardsticks.poll_bare", BENCH_BODY=body),
        granian(GRANIAN_OURS, "config.wsgi"),
    ]


def _environment(url: str, var: Path) -> dict[str, str]:
    return ground.environment(url, str(var), LOG_LEVEL="ERROR", ALLOWED_HOSTS="*", PUBLIC_URL=_PUBLIC_URL)


def _body(url: str, var: Path, token: str) -> str:
    """What is to be said for that token, by the reference."""
    port = free_port()
    command = [*GUNICORN, "bench.yardsticks.poll_reference:application"]
    with running(Server("body", command, port, _environment(url, var) | {"PORT": str(port)}), var) as server:
        return requests.get(f"{server.url}/mp/orders/{token}", timeout=10).text


@contextmanager
def _backends(url: str) -> Iterator[Backends]:
    """Who tells the pids of PostgreSQL's processes that work for this database."""
    asked = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with psycopg.connect(url, autocommit=True) as connection:
        yield lambda: [row[0] for row in connection.execute(asked)]


def _prepare(url: str, var: Path) -> list[str]:
    """Tables, points of sale and an order at each, in a currency without decimals: JSON's floats agree on those."""
    env = os.environ | _environment(url, var)
    done = subprocess.run(  # noqa: S603 - our own command line
        [sys.executable, "-m", "bench.poll_rows", str(POINTS)], cwd=ROOT, env=env, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout.split()


def _script(var: Path, tokens: list[str]) -> Path:
    """For wrk: requests made beforehand, one after the other."""
    script = var / "polls.lua"
    paths = ", ".join(f'"/mp/orders/{token}"' for token in tokens)
    script.write_text(
        f"local paths, asked, n = {{{paths}}}, {{}}, 0\n"
        "init = function() for i, path in ipairs(paths) do asked[i] = wrk.format('GET', path) end end\n"
        "request = function() n = n % #asked + 1; return asked[n] end\n"
    )
    return script


def _compare(server: Server, token: str, body: str) -> None:
    """All say the same bytes, or nothing is measured."""
    answer = requests.get(f"{server.url}/mp/orders/{token}", timeout=10)
    if (answer.status_code, answer.content) != (200, body.encode()):
        raise RuntimeError(f"{server.name} says {answer.status_code} {answer.text}, not {body}")
    print(f"- {server.name}: the same {len(body)} bytes", flush=True)


def _judge(measured: dict[str, list[Load]]) -> int:
    def median(name: str, what: str) -> float:
        return float(statistics.median(getattr(one, what) for one in measured[name]))

    print(
        "\n| server | answers/s | of the limit | p50 ms | p99 ms | CPU µs | database µs |"
        "\n|---|---|---|---|---|---|---|"
    )
    for name, rounds in measured.items():
        rates = [one.rate for one in rounds]
        cells = [
            name,
            f"{median(name, 'rate'):.0f} ({min(rates):.0f}–{max(rates):.0f})",
            f"{median(name, 'rate') / median(LIMIT, 'rate'):.0%}",
            *(f"{median(name, what):.1f}" for what in ("p50", "p99")),
            *(f"{median(name, what):.0f}" for what in ("cpu", "database_cpu")),
        ]
        print(f"| {' | '.join(cells)} |")
    if refused := [name for name, rounds in measured.items() if any(one.refused for one in rounds)]:
        raise RuntimeError(f"answers other than 200 from {refused}")
    goals = {
        f"≥ {OF_THE_LIMIT:.0%} of the limit": median(OURS, "rate") >= OF_THE_LIMIT * median(LIMIT, "rate"),
        f"p99 ≤ {OF_ITS_P99} × the limit's": median(OURS, "p99") <= OF_ITS_P99 * median(LIMIT, "p99"),
    }
    if TEXTBOOK in measured:
        goals[f"≥ {OF_THE_TEXTBOOK} × {TEXTBOOK}"] = median(OURS, "rate") >= OF_THE_TEXTBOOK * median(TEXTBOOK, "rate")
    return ground.judge(goals)


if __name__ == "__main__":
    sys.exit(main())
