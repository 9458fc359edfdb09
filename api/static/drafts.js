// Says when a form could not be saved while it is filled in, and tries again once it can be. The form
// may be put in anew meanwhile, so everything is heard of at the document.
"use strict";
{
  let away = false;
  let sent = false;

  const say = (what) => {
    const line = document.getElementById("draft-line");
    // The mark of the last saving stays.
    line.replaceChildren(line.querySelector("input"), line.dataset[what]);
  };
  const heard = (name, act) => document.addEventListener(`htmx:${name}`, (event) => {
    if (event.detail.elt.id === "saver") act(event);
  });
  // A file is not saved, only its name, so that its person is told to choose it again.
  heard("configRequest", (event) => {
    const data = event.detail.formData;
    for (const [name, value] of [...data]) {
      if (!(value instanceof File)) continue;
      data.delete(name);
      if (value.name) data.append("_chosen", value.name);
    }
  });
  heard("sendError", () => {
    away = true;
    say("away");
  });
  heard("responseError", () => say("failed"));
  heard("afterRequest", (event) => {
    if (event.detail.successful) away = false;
  });
  window.addEventListener("online", () => {
    if (away) htmx.trigger("#saver", "again");
  });
  // What is on its way to be submitted is no draft any more, unless the page comes back.
  document.addEventListener("submit", (event) => {
    if (event.target.querySelector("#saver")) sent = true;
  });
  window.addEventListener("pageshow", () => { sent = false; });
  for (const failed of ["sendError", "responseError"]) {
    document.addEventListener(`htmx:${failed}`, () => { sent = false; });
  }
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!["draft-line", "preview"].includes(event.detail.elt.id)) sent = false;
  });
  heard("beforeRequest", (event) => {
    if (sent) event.preventDefault();
  });
}
