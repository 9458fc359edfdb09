// A screen that grows: what was wrong is put in as well; an answer that is another page is gone to, and
// one that is no page of it leaves everything as it stands, and says so.
"use strict";
{
  const say = (what) => {
    const line = document.getElementById("unsent");
    line.textContent = line.dataset[what];
    line.hidden = false;
    line.scrollIntoView();
  };
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, xhr, requestConfig } = event.detail;
    if (target.id !== "sitting") return;
    event.detail.shouldSwap = xhr.responseText.includes('id="sitting"');
    if (event.detail.shouldSwap) return;
    const asked = new URL(requestConfig.path, location.href).pathname;
    if (new URL(xhr.responseURL).pathname === asked) say("refused");
    else location.assign(xhr.responseURL);
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (event.detail.elt.id !== "saver") say("away");
  });
  // Here the form is not left to be saved.
  document.addEventListener("click", (event) => {
    if (!event.target.matches("#saver button")) return;
    event.preventDefault();
    htmx.trigger("#saver", "again");
  });
}
