from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from backoffice import demo
from stores.commands import ScriptableCommand


class Command(ScriptableCommand):
    help = "Make the demo account, store, points of sale, manager and key. Needs the simulator, and DEBUG."

    def act(self, **options: Any) -> dict[str, Any]:
        if not settings.DEBUG:
            raise CommandError("The demo has a known password: it is made with DEBUG=on only.")
        return asdict(demo.seed())
