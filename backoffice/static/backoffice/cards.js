/* On a phone a row of a list is a card (cards.css); this writes the heading of its column before each value. */
"use strict";

for (const table of document.querySelectorAll("#result_list")) {
  const headings = [...table.querySelectorAll("thead th")].map((one) => one.querySelector(".text")?.textContent.trim() ?? "");
  for (const row of table.tBodies[0].rows) {
    [...row.cells].forEach((cell, number) => {
      cell.dataset.label = headings[number] ?? "";
      if (["-", "–", ""].includes(cell.textContent.trim()) && !cell.querySelector("input, img")) cell.dataset.empty = "";
    });
  }
  table.classList.add("as-cards");
}
