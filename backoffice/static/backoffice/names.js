/* Names for fields that Django's widgets leave without one, and a way by keyboard into boxes that scroll. */
"use strict";

const labelOf = (field) => field.closest(".form-row, .fieldBox")?.querySelector("label, legend")?.textContent.trim().replace(/:$/, "");

function name() {
  for (const field of document.querySelectorAll(".vDateField, .vTimeField")) {
    if (!field.labels.length && labelOf(field)) field.setAttribute("aria-label", labelOf(field));
  }
  for (const choice of document.querySelectorAll(".select2-selection")) {
    const select = choice.closest(".select2-container")?.previousElementSibling;
    const label = select?.labels?.[0]?.textContent.trim().replace(/:$/, "") || labelOf(choice);
    if (!label) continue;
    choice.removeAttribute("aria-labelledby");
    for (const part of [choice, choice.querySelector(".select2-selection__rendered")]) part?.setAttribute("aria-label", label);
  }
  for (const icon of document.querySelectorAll(".search-label-icon")) icon.setAttribute("role", "img");
  for (const box of document.querySelectorAll(".results, .inline-group fieldset.module, .scroll")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
}

addEventListener("load", () => setTimeout(name));
