"""The names of states and cities that Mercado Pago accepts: Mercado Libre's public list of places (protocol.md §2).

`GET /countries/<ISO code>` names the states, `GET /states/<id>` the cities; nobody logs in there.
"""

from collections.abc import Mapping
from typing import Any

import requests

from gateway.errors import TemporaryError

_TIMEOUT = (2.0, 4.0)  # seconds: a person waits for the form, and goes on without


class Catalogue:
    """Places by name. Raises TemporaryError whatever goes wrong: a store can be registered without it."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url

    def states(self, country: str) -> dict[str, str]:
        """Ids of the states by their names."""
        return {one["name"]: one["id"] for one in self._list(f"/countries/{country}", "states")}

    def cities(self, state_id: str) -> list[str]:
        return [one["name"] for one in self._list(f"/states/{state_id}", "cities")]

    def _list(self, path: str, name: str) -> list[Mapping[str, str]]:
        try:
            answer = requests.get(f"{self._base_url}{path}", timeout=_TIMEOUT, allow_redirects=False)
            data: Any = answer.json() if answer.status_code == 200 else {}
            return [{"id": str(one["id"]), "name": str(one["name"])} for one in data[name]]
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            raise TemporaryError(f"GET {path}: no list of places ({type(error).__name__})") from error
