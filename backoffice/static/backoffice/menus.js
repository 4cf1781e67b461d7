/* Opened menus close with Escape, and when one clicks beside them. Without this script they open and close all the same. */
"use strict";

const opened = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", (event) => {
  for (const menu of opened()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of opened()) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
});

// A group of pages that was opened stays so, from page to page. A click is told, not `toggle`: that comes with the page, too.
for (const fold of document.querySelectorAll("details.fold")) {
  const key = `menu-${fold.dataset.fold}`;
  if (localStorage.getItem(key) === "open") fold.open = true;
  fold.querySelector("summary").addEventListener("click", () => localStorage.setItem(key, fold.open ? "" : "open"));
}
