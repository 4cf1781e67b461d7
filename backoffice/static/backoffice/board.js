/* The forecourt board: asks every second, and writes what has changed into the tiles that are there.
   Nothing is piled up: one question at a time, and the same nodes all night. */
"use strict";

const EVERY = 1000; // ms between an answer and the next question
const SLOWEST = 5000; // while nobody answers
const PATIENCE = 3000; // for an answer
const LOST_AFTER = 4000;
const SPOKEN = new Set(["waiting", "silent", "out"]); // what is worth an announcement

const board = document.querySelector(".board");
const lost = document.querySelector(".lost");
const clock = document.querySelector("p[data-now]");
const model = document.querySelector("template").content.firstElementChild;
const known = new Map(); // by id: the tile's node, its slots, and what stands in them
const language = document.documentElement.lang;
const timeZone = board.dataset.zone;
const hoursMinutes = new Intl.DateTimeFormat(language, { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const toTheSecond = new Intl.DateTimeFormat(language, { timeZone, timeStyle: "medium", hourCycle: "h23" });

let ahead = board.dataset.now * 1000 - Date.now(); // of the server's clock before ours
let etag = "";
let failures = 0;
let isAsking = false;
let next = 0;
let liveAt = Date.now();

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function adopt(node) {
  const slots = {};
  for (const slot of node.querySelectorAll("[data-slot]")) slots[slot.dataset.slot] = slot;
  const tile = {
    node, slots, said: "",
    link: node.querySelector("a"), sign: node.querySelector("use"),
    since: node.querySelector("[data-since]"), until: node.querySelector("[data-until]"),
    state: node.dataset.state, mark: slots.mark.textContent,
  };
  known.set(node.dataset.id, tile);
  return tile;
}

function fill(tile, news) {
  const said = JSON.stringify(news);
  if (tile.said === said) return "";
  tile.said = said;
  const isNews = (news.state !== tile.state && SPOKEN.has(news.state)) || (news.mark && news.mark !== tile.mark);
  for (const [name, slot] of Object.entries(tile.slots)) {
    write(slot, news[name]);
    if (name !== "mark") slot.hidden = !news[name];
  }
  tile.slots.amount.toggleAttribute("data-wide", news.amount.length > 9);
  tile.slots.mark.parentNode.hidden = !news.mark;
  for (const name of ["since", "until"]) {
    tile[name].dataset[name] = news[name] ?? "";
    tile[name].parentNode.hidden = news[name] === null;
  }
  tile.link.href = news.url;
  tile.sign.setAttribute("href", `#sign-${news.state}`);
  tile.node.dataset.state = tile.state = news.state;
  tile.mark = news.mark;
  return isNews ? [news.name, news.word, news.amount, news.mark].filter(Boolean).join(", ") : "";
}

function show(news) {
  const isThere = new Set();
  const words = news.tiles.map((one, place) => {
    const id = String(one.id);
    let tile = known.get(id);
    if (!tile) {
      const node = model.cloneNode(true);
      node.dataset.id = id;
      tile = adopt(node);
    }
    isThere.add(id);
    if (board.children[place] !== tile.node) board.insertBefore(tile.node, board.children[place] ?? null);
    return fill(tile, one);
  }).filter(Boolean);
  for (const [id, tile] of known) {
    if (!isThere.has(id)) {
      tile.node.remove();
      known.delete(id);
    }
  }
  board.dataset.size = news.size;
  board.toggleAttribute("data-dense", news.is_dense);
  document.querySelector(".none").hidden = known.size > 0;
  write(document.querySelector(".today"), news.today);
  if (words.length) document.querySelector("[data-news]").textContent = words.join(". "); // also when it repeats itself
}

async function ask() {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE);
  try {
    const headers = etag ? { "If-None-Match": etag } : {};
    const answer = await fetch(board.dataset.url, {
      headers, cache: "no-store", credentials: "same-origin", redirect: "manual", signal: patience.signal,
    });
    // Logged out, or not allowed any more: the page itself says so. Behind a server that restarts 404 may be a passing word.
    if (answer.type === "opaqueredirect" || ([403, 404].includes(answer.status) && failures > 5)) location.reload();
    if (!answer.ok && answer.status !== 304) throw new Error(answer.statusText);
    const drift = Date.parse(answer.headers.get("Date")) + 500 - Date.now();
    if (Math.abs(drift - ahead) > 1500) ahead = drift;
    if (answer.ok) {
      show(await answer.json());
      etag = answer.headers.get("ETag");
    }
  } finally {
    clearTimeout(timer);
  }
}

async function live() {
  if (isAsking || document.hidden) return;
  isAsking = true;
  clearTimeout(next);
  try {
    await ask();
    failures = 0;
    liveAt = Date.now();
  } catch {
    failures += 1;
  }
  isAsking = false;
  tick();
  next = setTimeout(live, failures ? Math.min(EVERY * failures, SLOWEST) : EVERY);
}

/* As `backoffice.board.writing.lapse` writes it. */
function lapse(seconds) {
  const whole = Math.max(Math.floor(seconds), 0);
  const two = (number) => String(number).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} min`;
  return `${Math.floor(whole / 86400)} d ${Math.floor(whole / 3600) % 24} h`;
}

function tick() {
  const now = (Date.now() + ahead) / 1000;
  for (const { since, until } of known.values()) {
    if (since.dataset.since) write(since, lapse(now - since.dataset.since));
    if (until.dataset.until) write(until, lapse(until.dataset.until - now));
  }
  write(clock, hoursMinutes.format(now * 1000));
  const isLost = failures > 0 && Date.now() - liveAt > LOST_AFTER;
  document.body.classList.toggle("is-lost", isLost);
  if (isLost && lost.hidden) write(lost, lost.dataset.text.replace("{time}", toTheSecond.format(liveAt + ahead)));
  lost.hidden = !isLost;
}

function walk(event) {
  const links = [...board.querySelectorAll("a")];
  const here = links.indexOf(document.activeElement);
  if (here < 0 || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const top = (link) => Math.round(link.getBoundingClientRect().top);
  const columns = links.filter((link) => top(link) === top(links[0])).length;
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -here, End: links.length - 1 - here };
  if (!(event.key in steps)) return;
  event.preventDefault();
  links[here + steps[event.key]]?.focus();
}

function wall(isOn) {
  document.body.classList.toggle("wall", isOn);
  history.replaceState(null, "", isOn ? "?wall=1" : location.pathname);
}

for (const node of board.querySelectorAll(".tile")) adopt(node);
board.addEventListener("keydown", walk);
document.querySelector(".to-wall").addEventListener("click", (event) => {
  event.preventDefault();
  wall(true);
  document.documentElement.requestFullscreen?.().catch(() => {}); // refused: the page fills its window all the same
});
document.querySelector(".from-wall").addEventListener("click", (event) => {
  event.preventDefault();
  wall(false);
  if (document.fullscreenElement) document.exitFullscreen();
});
document.addEventListener("fullscreenchange", () => {
  if (!document.fullscreenElement) wall(false); // Esc
});
document.addEventListener("visibilitychange", () => {
  live(); // nobody asks for a page that nobody sees
});
// A picture that stands still all night stays on the glass: the wall moves a little.
setInterval(() => { document.body.dataset.shift = (Number(document.body.dataset.shift ?? 0) + 1) % 4; }, 300000);
setInterval(tick, 1000);
live();
