/* While Mercado Pago is being told: shows the outcome as soon as it is there, and leaves the form alone. */
"use strict";

async function watch(state) {
  const answer = await fetch(state.dataset.url);
  if (answer.ok) {
    state.innerHTML = await answer.text();
    if (!state.querySelector("[data-pending]")) return;
  }
  setTimeout(watch, 2000, state);
}

document.addEventListener("DOMContentLoaded", () => {
  for (const state of document.querySelectorAll(".registration-state")) {
    if (state.querySelector("[data-pending]")) setTimeout(watch, 1000, state);
  }
});
