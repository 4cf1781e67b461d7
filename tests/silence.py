"""An account that Mercado Pago does not answer for."""

import pytest
import responses

from gateway.breaker import FAILURES, State
from gateway.errors import TemporaryError
from stores import breaker
from stores.models import Account
from stores.services import connect


def silence(account: Account, mercado_pago: responses.RequestsMock) -> None:
    """Ask in vain until it is left alone. Forgets what `mercado_pago` was to answer, and who was asked."""
    mercado_pago.reset()
    for _ in range(FAILURES):
        with pytest.raises(TemporaryError):  # nothing is registered: the connection is refused
            connect(account).me()
    assert breaker._PROCESS.states()[account.pk] is State.OPEN
    mercado_pago.reset()
