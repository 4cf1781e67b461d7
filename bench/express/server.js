// Express with pg's pool and a named (prepared) statement, one process per core. Asks what Starlette asks.
"use strict";

const cluster = require("node:cluster");
const express = require("express");
const { Pool } = require("pg");

const { PORT, DATABASE_URL, PUBLIC_URL, QUESTION, WORKERS } = process.env;

if (cluster.isPrimary) {
  for (let i = 0; i < Number(WORKERS); i += 1) cluster.fork();
} else {
  const pool = new Pool({ connectionString: DATABASE_URL, max: 8 });
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");

  app.get("/mp/orders/:token", async (request, response, next) => {
    try {
      const { rows } = await pool.query({ name: "poll", text: QUESTION, values: [request.params.token] });
      response.set({ "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" });
      if (rows.length === 0) return response.status(400).json({ error: { type: "unavailable" } });
      const [row] = rows;
      return response.json({
        collector_id: Number(row.user_id),
        items: row.items.map((item) => ({
          title: item.title,
          currency_id: row.currency,
          description: item.description,
          quantity: 1,
          unit_price: Number(item.total_amount),
        })),
        external_reference: row.external_reference,
        notification_url: `${PUBLIC_URL}/mp/notifications/${row.notification_token}`,
      });
    } catch (error) {
      return next(error);
    }
  });

  app.listen(Number(PORT), "127.0.0.1");
}
