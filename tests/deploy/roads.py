"""The two roads of docs/deploy.md: the units, and compose. Each starts what its files say, as they say it."""

import shutil
import socket
import subprocess
import sys
from abc import ABC, abstractmethod
from pathlib import Path

from backoffice.stack import free_port
from tests.deploy import recipes
from tests.deploy.machine import HOME, STATE, Caddy, Machine, answers, until
from tests.deploy.recipes import ROOT, Process

SIMULATOR = "simulator"
_NOT_DEPLOYED = ("tests/", "bench/", "docs/screenshots/")


class Road(ABC):
    """From an empty machine to one that serves. `webs` are what the two web processes are called."""

    webs: tuple[str, str]
    ports: tuple[int, ...]  # where they listen, behind the proxy

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    @property
    def web_url(self) -> str:
        return self.machine.public_url

    @property
    def simulator_url(self) -> str:
        return self.machine.settings["MERCADO_PAGO_API_URL"]

    @abstractmethod
    def process(self, name: str) -> Process:
        """What is run under that name: one of the webs, worker, beat, migrate."""

    @abstractmethod
    def start_web(self, name: str) -> None:
        """Returns when it answers, or others in its place."""

    def up(self) -> None:
        self.start_simulator()
        migrate = self.process("migrate")
        self.machine.run(*migrate.command, env=migrate.env)
        self.start_services()
        self.proxy = Caddy(self.machine, upstreams=" ".join(f"127.0.0.1:{port}" for port in self.ports))

    def start(self, name: str) -> None:
        self.machine.start(name, self.process(name))

    def start_services(self) -> None:
        self.start("worker")
        self.start("beat")
        for name in self.webs:
            self.start_web(name)
        for port in self.ports:
            self.machine.until_ready(port)

    def stop_services(self) -> None:
        self.machine.stop(*self.webs, "worker", "beat", within=60)

    def replace_services(self) -> None:
        """Section 9, once the new release lies there."""
        for name in self.webs:
            self.machine.stop(name)
            self.start_web(name)
        for name in ("worker", "beat"):
            self.machine.stop(name, within=60)
            self.start(name)

    def start_simulator(self) -> None:
        """In Mercado Pago's place; its phone trusts who signed the proxy's certificate."""
        port = self.simulator_url.rpartition(":")[2]
        command = [f"{HOME}/.venv/bin/python", "manage.py", "simulator", "--port", port, "--poll-interval", "0.2"]
        command += ["--state", f"{STATE}/simulator.json"]
        bundle = {"REQUESTS_CA_BUNDLE": str(Caddy.authority_of(self.machine))}
        self.machine.start(SIMULATOR, Process(command, bundle))

        until("the simulator answers", lambda: answers(f"{self.simulator_url}/healthz"), self.machine.last_words)

    def manage(self, *arguments: str) -> str:
        """As the page's function of that name."""
        return self.machine.run(f"{HOME}/ops/manage", *arguments, env=self.settings_file())

    def settings_file(self) -> dict[str, str]:
        """The settings as a file, which `ops/manage` and the units read."""
        file = self.machine.root / "qr-unattended.env"
        file.write_text("".join(f"{name}='{value}'\n" for name, value in self.machine.env().items() if name != "PATH"))
        return {"SETTINGS": str(file)}


class Systemd(Road):
    """Section 2a."""

    webs = ("web@1", "web@2")

    def __init__(self, machine: Machine) -> None:
        super().__init__(machine)
        # What qr-unattended-web.socket does: it listens for both, and goes on while one is replaced.
        self._listens = machine.until_the_end.enter_context(socket.create_server(("127.0.0.1", 0), backlog=1024))
        self.ports = (self._listens.getsockname()[1],)

    def lay_out(self, release: str) -> None:
        """A release, as this tree unpacked beside the others, with the packages of this run; and the link to it."""
        folder = self.machine.home.with_name(f"qr-unattended-{release}")
        copy_tree(folder)
        (folder / ".venv").symlink_to(sys.prefix)
        self.machine.home.unlink(missing_ok=True)
        self.machine.home.symlink_to(folder.name)

    def process(self, name: str) -> Process:
        kind, at, _ = name.partition("@")
        return recipes.unit(f"qr-unattended-{kind}{at}.service")

    def start_web(self, name: str) -> None:
        """Returns when it says that it listens, as `systemctl restart` does."""
        web = self.process(name)
        with self.machine.told_when_ready(name) as address:
            self.machine.start(name, Process(web.command, web.env | address), listens=self._listens)


class Compose(Road):
    """Section 2b. The image is made step by step as the Dockerfile says, in the machine's own folders."""

    webs = ("web", "web-2")

    def __init__(self, machine: Machine) -> None:
        super().__init__(machine)
        self.ports = (free_port(), free_port())

    def build(self) -> None:
        """What needs root, and the user that is made with it, is left out."""
        where, ignored = Path("/"), (ROOT / ".dockerignore").read_text().splitlines()
        wanted = {line[1:] for line in ignored if line.startswith("!")}
        for name, rest in recipes.image().steps:
            if name == "WORKDIR":
                where = self.machine.here(rest)
                where.mkdir(parents=True, exist_ok=True)
            elif name == "COPY" and not rest.startswith("--from="):
                copy_tree(where, {rest.split()[0]} if rest.split()[0] != "." else wanted)
            elif name == "RUN":
                parts = [part for part in rest.split(" && ") if not part.startswith(("useradd ", "install -d "))]
                if parts:
                    self.machine.sh(" && ".join(parts), cwd=where)

    def process(self, name: str) -> Process:
        """In compose's network the database, Redis and each container have names of their own; here ports do it."""
        told = recipes.service(name, self.machine.settings | {"POSTGRES_PASSWORD": "of-compose"})
        assert told.env["DATABASE_URL"] == "postgres://qr:of-compose@database:5432/qr"
        here = {name: self.machine.settings[name] for name in ("DATABASE_URL", "REDIS_URL")}
        port = {"PORT": str(self.ports[self.webs.index(name)])} if name in self.webs else {}
        return Process(told.command, told.env | here | port)

    def start_web(self, name: str) -> None:
        """Returns when it is healthy, as `dc up --wait` does."""
        self.start(name)
        self.machine.until_ready(int(self.process(name).env["PORT"]))


def copy_tree(folder: Path, wanted: set[str] | None = None) -> None:
    """What is committed or about to be, of these files and folders; all that a deployment has by default."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        is_wanted = any(name == one or name.startswith(f"{one}/") for one in wanted or ())
        if (is_wanted or (wanted is None and not name.startswith(_NOT_DEPLOYED))) and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def play_the_page(road: Road) -> str:
    """The blocks of docs/deploy.md that end in a receipt, in one shell; what its last command printed."""
    machine = road.machine
    variables = {
        "PUBLIC_URL": machine.public_url,
        "PHONE": f"{road.simulator_url}/simulator",
        "CURL_CA_BUNDLE": str(road.proxy.authority),
        "DJANGO_SUPERUSER_PASSWORD": "a-long-word-for-tests",
    } | road.settings_file()
    manage = f'manage() {{ {HOME}/ops/manage "$@"; }}\n'
    return machine.sh(manage + "\n".join(recipes.blocks("deploy.md", "trial")), env=variables)
