"""Where the pages are, below `/admin/`."""

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from backoffice.board import views as board
from backoffice.pages import closing_day, closing_days, desk, exports, handbook, settlement, timeline

_DAY = "closing/<int:store>/<str:day>/"
_SHIFT = f"{_DAY}shift/<int:shift>/"
_PAGES = (
    ("attention/", desk.attention, "attention"),
    ("attention/decided/", desk.decided, "attention_decided"),
    ("attention/<int:number>/", desk.act, "attention_act"),
    ("board/", board.choose, "board"),
    ("board/<int:store_id>/", board.show, "board_store"),
    ("board/<int:store_id>/tiles/", board.tiles, "board_tiles"),
    ("timeline/orders/<int:pk>/", timeline.order_page, "timeline_order"),
    ("timeline/pos/<int:pk>/", timeline.pos_page, "timeline_pos"),
    ("closing/", closing_days.days_view, "closing"),
    (_DAY, closing_day.day_view, "closing_day"),
    (f"{_DAY}closing.<slug:form>", closing_day.file_view, "closing_file"),
    (_SHIFT, closing_day.day_view, "closing_shift"),
    (f"{_SHIFT}closing.<slug:form>", closing_day.file_view, "closing_shift_file"),
    ("export/<slug:what>.csv", exports.export_view, "export"),
    ("handbook/", handbook.contents_view, "handbook"),
    ("handbook/<slug:name>/", handbook.chapter_view, "handbook_chapter"),
    ("handbook/pictures/<slug:language>/<int:width>/<slug:name>.png", handbook.picture_view, "handbook_picture"),
    ("settlement/", settlement.list_view, "settlement"),
    ("settlement/<int:pk>/", settlement.run_view, "settlement_run"),
    ("settlement/<int:pk>/progress/", settlement.progress_view, "settlement_progress"),
)


def urls(site: AdminSite) -> list[URLPattern]:
    """For people who are logged in; each page asks for its own permission."""
    return [path(route, site.admin_view(view), name=name) for route, view, name in _PAGES]
