"""A person in front of the back-office: every page they come to is looked over, on a desk and on a phone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import pypdfium2
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import APIResponse, Browser, Page, Response

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
_WIDTHS = (390, 1280)  # and it stays at the last one


class Desk:
    """A browser window of one person; `complaints` is what the browser and axe had to say about what was shown."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.context = browser.new_context(base_url=url, locale="en-US", viewport={"width": 1280, "height": 900})
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self._complain(f"{error}"))
        self.page.on("console", lambda said: self._complain(said.text) if said.type in ("error", "warning") else None)
        self.page.on("response", self._judge)

    def log_in(self, name: str, password: str) -> None:
        self.page.goto("/admin/")
        self.look_over()
        self.page.get_by_label("Username").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in").click()
        self.page.get_by_role("heading", level=1, name="Today").wait_for()

    def log_out(self) -> None:
        self.page.locator(".person-menu > summary").click()
        self.page.get_by_role("button", name="Log out").click()

    def look_over(self) -> Page:
        """Whether all of this page fits, and what axe finds serious. Its preloading would ask for odd addresses."""
        page = self.page
        page.wait_for_load_state("load")
        for width in _WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                self._complain(f"wider than {width}")
        found = Axe().run(page, options={"preload": False, "resultTypes": ["violations"]}).response["violations"]
        for one in (one for one in found if one["impact"] in ("serious", "critical")):
            self._complain(f"{one['id']}: {one['nodes'][0]['html']}")
        return page

    def file(self, link: str) -> bytes:
        """What a link downloads."""
        with self.page.expect_download() as download:
            self.page.get_by_role("link", name=link, exact=True).click()
        return download.value.path().read_bytes()

    def lists(self) -> list[str]:
        """Those that this person's menu has."""
        menu = str(self.ask("GET", "/admin/").text())
        return sorted(set(re.findall(r'href="(/admin/[a-z]+/[a-z]+/)"', menu)))

    def rows(self) -> set[str]:
        """The page of every row that this person's lists show, and its history."""
        shown = "".join(str(self.ask("GET", one).text()) for one in self.lists())
        pages = re.findall(r'<th class="field[^>]*><a href="([^"?]+/change/)', shown)
        return {*pages, *(page.replace("/change/", "/history/") for page in pages)}

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> APIResponse:
        """As a script of this person's would: with their session and their form token, redirects shown as such."""
        tokens = [one["value"] for one in self.context.cookies() if one.get("name") == "csrftoken"]
        headers = {"X-CSRFToken": tokens[0], "Referer": self.page.url}
        data = urlencode(form) if form else None
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self.context.request.fetch(path, method=method, data=data, headers=headers, max_redirects=0)

    def _judge(self, answer: Response) -> None:
        if answer.status >= 400:
            self._complain(f"{answer.request.method} {answer.url}: {answer.status}")

    def _complain(self, text: str) -> None:
        self.complaints.append(f"{self.page.url}: {text}")


@contextmanager
def sitting_down(browser: Browser, url: str) -> Iterator[Desk]:
    """Whoever gets up again had nothing to complain of."""
    desk = Desk(browser, url)
    yield desk
    desk.context.close()
    assert not desk.complaints, "\n".join(desk.complaints)


def words_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        text = " ".join(document[n].get_textpage().get_text_range() for n in range(len(document)))
    return re.sub(r"\s+", " ", text)
