"""Starlette on uvicorn (uvloop, httptools) with asyncpg, which prepares its statements by itself."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.yardsticks.poll_sql import QUESTION

_PUBLIC_URL = os.environ["PUBLIC_URL"]


@asynccontextmanager
async def _pool(app: Starlette) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=8, max_size=8) as app.state.pool:
        yield


async def poll(request: Request) -> Response:
    row = await request.app.state.pool.fetchrow(QUESTION, request.path_params["token"])
    if row is None:
        return _json({"error": {"type": "unavailable"}}, 400)
    body = {
        "collector_id": row["user_id"],
        "items": [
            {
                "title": item["title"],
                "currency_id": row["currency"],
                "description": item["description"],
                "quantity": 1,
                "unit_price": int(item["total_amount"]),
            }
            for item in json.loads(row["items"])
        ],
        "external_reference": row["external_reference"],
        "notification_url": f"{_PUBLIC_URL}/mp/notifications/{row['notification_token']}",
    }
    return _json(body, 200)


def _json(body: object, status: int) -> Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    text = json.dumps(body, separators=(",", ":"))
    return Response(text, status, headers, media_type="application/json")


application = Starlette(routes=[Route("/mp/orders/{token}", poll)], lifespan=_pool)
