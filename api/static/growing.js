// A screen that grows: what was wrong is put in as well, and where there is no network it says so.
"use strict";
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id === "sitting") event.detail.shouldSwap = true;
});
document.addEventListener("htmx:sendError", (event) => {
  const away = document.getElementById("away");
  if (away && event.detail.elt.id !== "saver") away.hidden = false;
});
