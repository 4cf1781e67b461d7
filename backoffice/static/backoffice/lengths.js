/* How much of a text field is used, while one writes in it: what is too long is cut off without a word. */
"use strict";

const FIELDS = "input[type=text][maxlength], textarea[maxlength]";
const SHORTEST = 20; // codes and numbers are seen at a glance

function tell(field) {
  let said = field.nextElementSibling;
  if (!said?.classList.contains("length")) {
    said = document.createElement("span");
    said.className = "length";
    field.after(said);
  }
  said.textContent = `${field.value.length} / ${field.maxLength}`;
  said.classList.toggle("full", field.value.length >= field.maxLength);
  if (field.value.length >= field.maxLength) said.setAttribute("role", "status"); // said aloud only when nothing more fits
  else said.removeAttribute("role");
}

for (const event of ["focusin", "input"]) {
  document.addEventListener(event, ({ target }) => {
    if (target.matches?.(FIELDS) && target.maxLength >= SHORTEST && !target.readOnly) tell(target);
  });
}
