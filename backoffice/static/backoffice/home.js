/* The home page keeps itself up to date. What one has opened stays open, and what one stands on stays in focus. */
"use strict";

const EVERY = 15000;
const place = document.getElementById("now");
const stale = document.querySelector(".stale");

function show(html) {
  const open = [...place.querySelectorAll("details[open]")].map((one) => one.id);
  const link = place.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  place.innerHTML = html;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (link) [...place.querySelectorAll("a")].find((one) => one.getAttribute("href") === link)?.focus();
}

async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch(place.dataset.url, { credentials: "same-origin" });
    if (answer.redirected) return location.reload(); // logged out: to the log-in, and back
    if (!answer.ok) throw new Error(answer.status);
    show(await answer.text());
    stale.hidden = true;
  } catch {
    stale.hidden = false;
  }
}

setInterval(refresh, EVERY);
document.addEventListener("visibilitychange", refresh);
