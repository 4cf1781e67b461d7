"""Prepares a process of the product for its faults, once its apps are loaded."""

import os
from pathlib import Path

from django.apps import AppConfig

from tests.faults import clock, kill_points


class FaultsConfig(AppConfig):
    name = "tests.faults"

    def ready(self) -> None:
        folder = Path(os.environ["FAULTS_DIR"])
        kill_points.install(folder)
        clock.follow(folder)
        if (authority := folder / "authority.pem").exists():
            from gateway.connections import session

            session().verify = str(authority)
