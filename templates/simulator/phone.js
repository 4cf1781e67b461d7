"use strict";
const find = (selector) => document.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];
const show = (element, visible) => { element.hidden = !visible; };
const LANGUAGE = document.documentElement.lang;

let scanId = Number(location.hash.slice(1)) || null;
let codes = [];
let orders = {};            // point of sale → the last order made there
let saleKey = newKey();     // one sale, one key: pressing twice reports it once

function newKey() { return `panel-${Date.now()}-${Math.random().toString(36).slice(2)}`; }

async function call(method, path, body) {
  const request = { method, headers: { "Content-Type": "application/json" } };
  if (body !== undefined) request.body = JSON.stringify(body);
  const answer = await fetch(path, request);
  return { status: answer.status, body: await answer.json() };
}

function money(amount, currency) {
  if (amount === null || amount === undefined) return "";
  return new Intl.NumberFormat(LANGUAGE, { style: "currency", currency, currencyDisplay: "code" }).format(amount);
}

function refuse(where, text) {
  find(where).textContent = text;
  show(find(where), Boolean(text));
}

// --- The phone ---------------------------------------------------------------------------------------------------

const SCREENS = { waiting: "waiting", ready: "amount", rejected: "amount", paid: "paid", error: "error" };

async function act(path, body) {
  const { status, body: answer } = await call("POST", path, body);
  refuse("#phone-refusal", status < 400 ? "" : answer.message);
  return status < 400 ? answer : null;
}

async function scan(externalPosId) {
  const made = await act("/simulator/scans", { external_pos_id: externalPosId });
  if (!made) return;
  remember(made.id);
  find("#pos").value = externalPosId;
  drawScan(made);
  refreshPump();
}

function remember(id) {
  scanId = id;
  history.replaceState(null, "", id ? `#${id}` : location.pathname);
}

function leave() {
  remember(null);
  drawScreen("codes");
}

async function refreshPhone() {
  if (!scanId) return refreshCodes();
  const { status, body } = await call("GET", `/simulator/scans/${scanId}`);
  if (status === 404 || body.state === "aborted") return leave();
  if (body.id === scanId) drawScan(body);
}

function drawScreen(name) {
  for (const screen of all("[data-screen]")) show(screen, screen.dataset.screen === name);
}

function drawScan(scan) {
  drawScreen(SCREENS[scan.state]);
  const values = {
    name: scan.name, message: scan.message, polls: scan.polls, error: scan.error,
    amount: money(scan.amount, scan.currency), remaining: money(scan.remaining, scan.currency),
    operation: scan.payments.filter((payment) => payment.status === "approved").map((payment) => payment.id).join(" · "),
  };
  for (const element of all("[data-value]")) setText(element, values[element.dataset.value] ?? "");
  for (const element of all("[data-reason]")) show(element, element.dataset.reason === scan.reason);
  show(find("#rejected"), scan.state === "rejected");
  const isPart = scan.payments.some((payment) => payment.status === "approved");
  show(find("#label-rest"), isPart);
  show(find("#label-total"), !isPart);
  drawList("#items", scan.items, (item) => [item.title, money(item.unit_price * item.quantity, scan.currency)]);
  drawList("#payments", scan.payments, (payment) => [word(payment.status), money(payment.amount, scan.currency)]);
  offerToSettle(scan);
}

// Unchanged elements are left alone: screen readers read, and fingers press, what does not flicker.
function setText(element, text) {
  if (element.textContent !== String(text)) element.textContent = text;
}

function drawList(where, rows, texts) {
  const list = find(where);
  const content = JSON.stringify(rows);
  if (list.dataset.content === content) return;
  list.dataset.content = content;
  list.replaceChildren(...rows.map((row) => {
    const line = document.createElement("li");
    const [left, right] = texts(row);
    line.append(Object.assign(document.createElement("span"), { textContent: left }));
    line.append(Object.assign(document.createElement("b"), { textContent: right }));
    return line;
  }));
}

function offerToSettle(scan) {
  scan.payments.forEach((payment, index) => {
    const line = find("#payments").children[index];
    if (payment.status !== "pending" || line.querySelector("button")) return;
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: word("settle") });
    button.onclick = () => act(`/simulator/payments/${payment.id}`, { status: "approved" }).then(refreshPhone);
    line.append(button);
  });
}

function word(name) {
  return find("#payment-words").content.querySelector(`[data-word="${name}"]`)?.textContent ?? name;
}

async function refreshCodes() {
  const { body } = await call("GET", "/simulator/codes");
  show(find("#panel"), body.can_pump && body.codes.length > 0);
  show(find("#no-pump"), !body.can_pump);
  show(find("#no-codes"), body.codes.length === 0);
  if (JSON.stringify(body.codes) === JSON.stringify(codes)) return;
  codes = body.codes;
  find("#codes").replaceChildren(...codes.map(codeElement));
  const chosen = find("#pos").value;
  find("#pos").replaceChildren(...codes.map((code) => new Option(`${code.name} (${code.external_pos_id})`, code.external_pos_id)));
  if (chosen) find("#pos").value = chosen;
}

function codeElement(code) {
  const element = find("#code").content.cloneNode(true);
  element.querySelector("img").src = code.image;
  element.querySelector("strong").textContent = code.name;
  element.querySelector("span").textContent = [code.store, code.external_pos_id].filter(Boolean).join(" · ");
  element.querySelector("button").onclick = () => scan(code.external_pos_id);
  return element;
}

find(".phone").addEventListener("click", async (event) => {
  const { act: what, outcome } = event.target.dataset;
  if (what === "again") leave();
  if (what === "abort" && await act(`/simulator/scans/${scanId}/abort`)) leave();
  if (what !== "pay") return;
  event.target.disabled = true;
  try {
    await act(`/simulator/scans/${scanId}/pay`, { outcome });
    await refreshPhone();
  } finally {
    event.target.disabled = false;
  }
});

find("#part").addEventListener("submit", async (event) => {
  event.preventDefault();
  const amount = event.target.amount.value.replace(",", ".");
  if (await act(`/simulator/scans/${scanId}/pay`, { outcome: "approved", amount })) event.target.reset();
  await refreshPhone();
});

// --- The pump ----------------------------------------------------------------------------------------------------

const chosenPos = () => find("#pos").value;

async function pump(method, path, body, key) {
  const { status, body: answer } = await call("POST", "/simulator/controller", { method, path, body, idempotency_key: key });
  if (status !== 200) return { status, body: { detail: answer.message } };
  return answer;
}

function problem(body) {
  const fields = Object.entries(body.errors ?? {}).map(([field, texts]) => `${field}: ${texts.join(" ")}`);
  return [body.detail ?? body.title, ...fields].join("\n");
}

async function command(method, path, body, key) {
  const answer = await pump(method, path, body, key);
  refuse("#pump-refusal", answer.status < 400 ? "" : problem(answer.body));
  return answer.status < 400 ? answer.body : null;
}

async function refreshPump() {
  const pos = chosenPos();
  if (!pos || find("#panel").hidden) return;
  const { status, body } = await pump("GET", `/api/v1/pos/${pos}`);
  if (pos !== chosenPos()) return;
  if (status >= 400) return refuse("#pump-refusal", problem(body));
  for (const button of all("[data-status]")) button.setAttribute("aria-pressed", button.dataset.status === body.status);
  if (body.open_order) orders[pos] = body.open_order;
  else if (orders[pos] && !orders[pos].receipt) {   // also what was canceled: money may come late
    const order = await pump("GET", `/api/v1/orders/${orders[pos].id}`);
    if (order.status === 200) {
      if (order.body.status !== orders[pos].status) refuse("#pump-refusal", "");
      orders[pos] = order.body;
    }
  }
  if (pos === chosenPos()) drawOrder(orders[pos]);
}

const isWaitingForReceipt = (order) => order.status === "closed" && !order.receipt;

function drawOrder(order) {
  show(find("#order"), Boolean(order));
  if (!order) return;
  const values = {
    total: money(order.total_amount, order.currency), reference: order.external_reference,
    paid: money(order.paid_amount, order.currency), attention: order.attention, receipt: order.receipt?.number,
  };
  for (const element of all("[data-order]")) setText(element, values[element.dataset.order] ?? "");
  for (const element of all("[data-order-status]")) show(element, element.dataset.orderStatus === order.status);
  show(find("#paid-so-far"), order.payment_status === "partially_paid");
  show(find("#attention"), Boolean(order.attention));
  show(find("#receipt"), Boolean(order.receipt));
  show(find("#no-receipt"), isWaitingForReceipt(order));
  show(find("#cancel"), order.status === "open");
  if (order.receipt) find("#receipt a").href = order.receipt.links.public;
}

find("#statuses").addEventListener("click", async ({ target }) => {
  if (!target.dataset.status) return;
  await command("PUT", `/api/v1/pos/${chosenPos()}/status`, { status: target.dataset.status });
  await refreshPump();
});

find("#sale").addEventListener("input", () => { saleKey = newKey(); });

find("#sale").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { title, quantity, unit_price, replace } = event.target;
  const number = (input) => input.value.trim().replace(",", ".");
  const item = { title: title.value, quantity: number(quantity), unit_price: number(unit_price), unit_measure: "L" };
  const pos = chosenPos();
  const order = await command("POST", `/api/v1/pos/${pos}/orders`, { items: [item], replace: replace.checked }, saleKey);
  if (order) { orders[pos] = order; saleKey = newKey(); replace.checked = false; }
  await refreshPump();
});

find("#cancel").addEventListener("click", async () => {
  const order = await command("POST", `/api/v1/orders/${orders[chosenPos()].id}/cancel`);
  if (order) orders[chosenPos()] = order;
  await refreshPump();
});

find("#pos").addEventListener("change", () => { refuse("#pump-refusal", ""); saleKey = newKey(); refreshPump(); });

// --- The clock ---------------------------------------------------------------------------------------------------

async function every(milliseconds, work) {
  for (;;) {
    try {
      await work();
      show(find("#lost"), false);
    } catch {
      show(find("#lost"), true);
    }
    await new Promise((resolve) => setTimeout(resolve, document.hidden ? 3000 : milliseconds));
  }
}

refreshCodes().catch(() => {}).finally(() => {
  every(500, refreshPhone);
  every(1000, refreshPump);
});
