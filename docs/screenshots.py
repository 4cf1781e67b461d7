"""All pictures of the handbook, of a stack that is started for them: `make screenshots`."""

import io
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_VAR = tempfile.TemporaryDirectory(prefix="screenshots-")
_WEB, _SIMULATOR = (int(os.environ.get(name, port)) for name, port in (("WEB_PORT", 8010), ("SIMULATOR_PORT", 8011)))
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "yes",  # Playwright keeps an event loop in this thread; nothing of ours is awaited
    "DEBUG": "on",
    "LOG_LEVEL": "WARNING",
    "VAR_DIR": _VAR.name,
    "DATABASE_URL": "",
    "REDIS_URL": "",
    "PUBLIC_URL": f"http://localhost:{_WEB}",
    "MERCADO_PAGO_API_URL": f"http://localhost:{_SIMULATOR}",
    "TWO_FACTOR_NAME": "pay.example.com",
}
import django  # noqa: E402

django.setup()

from django.urls import reverse  # noqa: E402
from PIL import Image  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from backoffice.play import Player  # noqa: E402
from backoffice.stack import Stack  # noqa: E402
from docs import scene  # noqa: E402
from docs.places import ARGENTINA, BRAZIL  # noqa: E402
from docs.scene import Night, Scene  # noqa: E402

FOLDER: Final = Path(__file__).parent / "screenshots"
WIDTHS: Final = {1280: 1100, 390: 1500}  # and how much of the height is shown at most
LANGUAGES: Final = {"es": ARGENTINA, "pt-br": BRAZIL, "en": ARGENTINA}
_COLOURS: Final = 256
_FLAGS: Final = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: whose page, at which address, and what is done on it first."""

    name: str
    address: Callable[[Scene], str]
    person: str = "manager"
    act: Callable[[Page], None] = lambda page: None


def _ask_to_refund(page: Page) -> None:
    page.locator("form:has(input[name=action][value=refund]) button").first.click()
    page.wait_for_load_state()


def _begin_second_factor(page: Page) -> None:
    page.locator("button[name=begin]").first.click()
    page.wait_for_load_state()


SHOTS: Final = (
    Shot("login", lambda s: reverse("admin:login"), ""),
    Shot("two-factor", lambda s: reverse("admin:two_factor"), "cashier", _begin_second_factor),
    Shot("home", lambda s: reverse("admin:index")),
    Shot("board", lambda s: reverse("admin:board_store", args=[s.store.pk])),
    Shot("board-wall", lambda s: reverse("admin:board_store", args=[s.store.pk]) + "?wall=1"),
    Shot("order", lambda s: reverse("admin:orders_order_change", args=[s.paid_twice.pk])),
    Shot("timeline", lambda s: reverse("admin:timeline_order", args=[s.waiting.pk])),
    Shot("diagnosis", lambda s: reverse("admin:timeline_pos", args=[s.silent.pk])),
    Shot("attention", lambda s: reverse("admin:attention")),
    Shot("refund", lambda s: reverse("admin:orders_order_change", args=[s.paid_twice.pk]), "manager", _ask_to_refund),
    Shot("refund-requests", lambda s: reverse("admin:orders_refundrequest_changelist")),
    Shot("receipts", lambda s: reverse("admin:receipts_receipt_changelist")),
    Shot("receipt", lambda s: reverse("admin:receipts_receipt_change", args=[s.receipt])),
    Shot("printers", lambda s: reverse("admin:receipts_printer_changelist")),
    Shot("closing", lambda s: reverse("admin:closing")),
    Shot("closing-day", lambda s: reverse("admin:closing_day", args=[s.store.pk, s.yesterday])),
    Shot("settlement", lambda s: reverse("admin:settlement"), "administrator"),
    Shot("settlement-report", lambda s: reverse("admin:settlement_run", args=[s.run]), "administrator"),
    Shot("people", lambda s: reverse("admin:auth_user_changelist"), "administrator"),
    Shot("point-of-sale", lambda s: reverse("admin:pos_pointofsale_change", args=[s.busy.pk])),
    Shot("handbook", lambda s: reverse("admin:handbook")),
)


@contextmanager
def _stack() -> Iterator[Stack]:
    """Everything runs while the night is played; for the pictures only the web process, so that nothing changes."""
    stack = Stack(web_port=_WEB, simulator_port=_SIMULATOR, var=Path(_VAR.name), env={}, show=False)
    try:
        stack.manage("migrate", "--no-input")
        stack.start("simulator")
        stack.wait_for(f"{stack.simulator_url}/healthz", process="simulator")
        stack.start("web", "worker", "beat")
        stack.wait_for(f"{stack.web_url}/readyz", process="web")
        yield stack
    finally:
        stack.stop()


def _nights(stack: Stack) -> dict[str, tuple[Night, Scene]]:
    """By country."""
    scene.administrator()
    places = (ARGENTINA, BRAZIL)
    nights = {place.site: Night(place, lambda key: Player(stack, key, lambda text: None)) for place in places}
    for night in nights.values():
        night.play()
    stack.stop("worker", "beat")
    return {site: (night, night.end()) for site, night in nights.items()}


def _enter(browser: Browser, stack: Stack, language: str, name: str) -> Page:
    """Logged in as this person, in this language; nobody without a name."""
    context = browser.new_context(locale=language, reduced_motion="reduce")
    context.add_cookies([{"name": "django_language", "value": language, "url": stack.web_url}])
    page = context.new_page()
    if name:
        page.goto(f"{stack.web_url}{reverse('admin:login')}")
        page.fill("#id_username", name)
        page.fill("#id_password", scene.PASSWORD)
        page.locator("#id_password").press("Enter")
        page.wait_for_url("**/admin/")
    return page


def _draw(page: Page, stack: Stack, shot: Shot, seen: Scene, language: str, width: int) -> int:
    page.set_viewport_size({"width": width, "height": 600})
    page.goto(stack.web_url + shot.address(seen))
    shot.act(page)
    page.wait_for_timeout(150)
    full = page.evaluate("document.documentElement.scrollHeight")
    if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
        sys.stdout.write(f"! {language} {shot.name}: {wide} px wide at {width}\n")
    page.set_viewport_size({"width": width, "height": min(max(full, 600), WIDTHS[width])})
    picture = Image.open(io.BytesIO(page.screenshot()))
    file = FOLDER / language / str(width) / f"{shot.name}.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    return file.stat().st_size


def main() -> None:
    wanted = set(sys.argv[1:]) or {shot.name for shot in SHOTS}
    with _stack() as stack, sync_playwright() as playwright:
        scenes = _nights(stack)
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=_FLAGS
        )
        size = 0
        for language, place in LANGUAGES.items():
            night, seen = scenes[place.site]
            names = {"": "", "manager": place.manager[0], "cashier": place.cashier[0]}
            names["administrator"] = scene.ADMINISTRATOR[0]
            pages = {who: _enter(browser, stack, language, name) for who, name in names.items()}
            for shot in (one for one in SHOTS if one.name in wanted):
                for width in WIDTHS:
                    night.freshen()
                    size += _draw(pages[shot.person], stack, shot, seen, language, width)
        browser.close()
    sys.stdout.write(f"{size / 2**20:.1f} MiB in {FOLDER}\n")


if __name__ == "__main__":
    main()
