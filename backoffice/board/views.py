"""The board's pages: which store, its tiles, and what is asked for every second."""

import hashlib

import simplejson
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _

from backoffice.board.drawing import draw, draw_blank
from backoffice.board.looking import look
from stores.models import Store
from stores.models.store import StoreQuerySet

_LAST = "board_store"  # in the session
_SHOWN = 100


def choose(request: HttpRequest) -> HttpResponse:
    """Straight to the only store or to the one that was looked at last; else, or with `?choose`, a list."""
    stores = _stores(request)
    if "choose" not in request.GET and "q" not in request.GET:
        last = stores.filter(pk=request.session.get(_LAST, 0)).first()
        found = [last] if last else list(stores[:2])
        if len(found) == 1:
            return redirect("admin:board_store", found[0].pk)
    query = request.GET.get("q", "").strip()
    stores = stores.filter(Q(name__icontains=query) | Q(external_id__icontains=query) | Q(city__icontains=query))
    listed = list(stores.order_by("name", "pk")[: _SHOWN + 1])
    page = {
        "title": _("Forecourt board"),
        "stores": listed[:_SHOWN],
        "are_more": len(listed) > _SHOWN,
        "query": query,
    }
    return TemplateResponse(request, "backoffice/board_stores.html", admin.site.each_context(request) | page)


def show(request: HttpRequest, store_id: int) -> HttpResponse:
    """The board of a store. `?wall=1` is for a screen on a wall: nothing but the tiles, as large as they get."""
    store, now = _store(request, store_id), timezone.now()
    if request.session.get(_LAST) != store.pk:
        request.session[_LAST] = store.pk
    board = look(store, now)
    page = {
        "title": store.name,
        "store": store,
        "board": board,
        "tiles": draw(board.tiles),
        "blank_tile": draw_blank(),
        "now": now.astimezone(store.tz),
        "is_wall": request.GET.get("wall") == "1",
        "are_more_stores": _stores(request).exclude(pk=store.pk).exists(),
    }
    return TemplateResponse(request, "backoffice/board.html", admin.site.each_context(request) | page)


def tiles(request: HttpRequest, store_id: int) -> HttpResponseBase:
    """What the page asks for every second: short, so that a screen holds no thread; 304 while nothing has changed."""
    board = look(_store(request, store_id), timezone.now()).for_script()
    etag = f'"{hashlib.sha256(simplejson.dumps(board).encode()).hexdigest()[:32]}"'
    fresh = JsonResponse(board, headers={"ETag": etag})
    return get_conditional_response(request, etag=etag, response=fresh) or fresh


def _store(request: HttpRequest, store_id: int) -> Store:
    return get_object_or_404(_stores(request), pk=store_id)


def _stores(request: HttpRequest) -> StoreQuerySet:
    if not request.user.has_perms(["pos.view_pointofsale", "orders.view_order"]):
        raise PermissionDenied
    return Store.objects.visible_to(request.user).select_related("account")
