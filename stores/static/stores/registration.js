/* While a worker is at it: shows how far it is, and then the outcome; leaves the rest of the page alone.
   data-every: milliseconds between two looks; data-then: the page to go to when there is nothing more to wait for. */
"use strict";

async function watch(state) {
  try {
    const answer = await fetch(state.dataset.url);
    if (answer.ok) {
      const text = await answer.text();
      if (text !== state.shown) state.innerHTML = state.shown = text;
      if (!state.querySelector("[data-pending]")) {
        if (state.dataset.then) location.replace(state.dataset.then);
        return;
      }
    }
  } catch { /* the network is away: look again */ }
  setTimeout(watch, Number(state.dataset.every) || 2000, state);
}

document.addEventListener("DOMContentLoaded", () => {
  for (const state of document.querySelectorAll(".registration-state")) {
    if (state.querySelector("[data-pending]")) setTimeout(watch, 1000, state);
  }
});
