/* While something may still happen: the page's own address once more, as a part. Nobody is disturbed who uses it. */
"use strict";

const EVERY = 3000;

function plain(text) {
  return text.replace(/name="csrfmiddlewaretoken" value="[^"]*"/g, "");
}

async function refresh(timeline) {
  const isUsed = timeline.contains(document.activeElement) || document.hidden;
  if (!isUsed) {
    const url = new URL(location.href);
    url.searchParams.set("part", "1");
    try {
      const answer = await fetch(url, { credentials: "same-origin", redirect: "error" });
      const text = answer.ok ? await answer.text() : null;
      const isSame = text !== null && plain(text) === timeline.shown;
      if (text !== null && !isSame && !timeline.contains(document.activeElement)) {
        timeline.innerHTML = text;
        timeline.shown = plain(text);
      }
    } catch {
      // The network comes back, or the person logs in again: the next try tells.
    }
  }
  if (!timeline.querySelector("[data-over]")) setTimeout(refresh, EVERY, timeline);
}

document.addEventListener("DOMContentLoaded", () => {
  const timeline = document.querySelector("#timeline[data-live]");
  if (timeline) setTimeout(refresh, EVERY, timeline);
});
