/* A table that is wider than its box scrolls in it: then the keyboard can scroll it too, and its edge fades. */
"use strict";

const BOXES =
  ".results, .closing-scroll, .case-table, .inline-group fieldset.module, .module:has(> table), #content > table, #content form > table, .handbook table";

for (const box of document.querySelectorAll(BOXES)) {
  const look = () => {
    const isWide = box.scrollWidth > box.clientWidth + 1;
    box.classList.toggle("wide", isWide && box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
    box.classList.toggle("scrolls", isWide);
    if (isWide && !box.hasAttribute("tabindex")) {
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      const heading = box.querySelector("h2") ?? document.querySelector("h1");
      box.setAttribute("aria-label", heading?.textContent.trim() ?? "");
    }
  };
  box.addEventListener("scroll", look, { passive: true });
  new ResizeObserver(look).observe(box);
}
