"use strict";
// Without this the button stays hidden, and the PDF is what is printed.
const button = document.querySelector("button[data-print]");
button.addEventListener("click", () => print());
button.hidden = false;
