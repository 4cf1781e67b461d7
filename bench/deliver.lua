-- A delivery as Mercado Pago sends it: signed, the number in query and body.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["X-Signature"] = "ts=1742505638683,v1=ced36ab6d33566bb1e16c125819b8d840d6b8ef136b0b9127c76064466f5229b"
wrk.headers["X-Request-Id"] = "bb56a2f1-6aae-46ac-982e-9dcd3581d08e"
wrk.body = '{"id":12345,"live_mode":true,"type":"topic_merchant_order_wh","date_created":"2026-11-24T12:00:00Z",'
  .. '"user_id":44444,"api_version":"v1","action":"create","data":{"id":"1"}}'
