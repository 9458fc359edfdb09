// Says when a form could not be saved while it is filled in, and tries again once it can be.
"use strict";
{
  const saver = document.getElementById("saver");
  const line = document.getElementById("draft-line");
  const form = saver.closest("form");
  let away = false;
  let sent = false;

  const say = (text) => {
    // The mark of the last saving stays.
    const mark = line.querySelector("input");
    line.replaceChildren(mark, text);
  };
  saver.addEventListener("htmx:sendError", () => {
    away = true;
    say(line.dataset.away);
  });
  saver.addEventListener("htmx:responseError", () => say(line.dataset.failed));
  saver.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) away = false;
  });
  window.addEventListener("online", () => {
    if (away) htmx.trigger(saver, "again");
  });
  // What is on its way to be submitted is no draft any more, unless the page comes back.
  form.addEventListener("submit", () => { sent = true; });
  window.addEventListener("pageshow", () => { sent = false; });
  saver.addEventListener("htmx:beforeRequest", (event) => {
    if (sent) event.preventDefault();
  });
}
