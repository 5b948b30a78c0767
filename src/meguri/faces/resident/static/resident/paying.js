// Paying goes on in the same page, so that its bell may sound and a cut line is told in place.
(() => {
  "use strict";

  // What was refused comes back with its own status and is shown all the same.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, boosted } = event.detail;
    if (!boosted || xhr.status < 400 || !xhr.getResponseHeader("content-type")?.startsWith("text/html")) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });

  const tell = (cut) => {
    const place = document.querySelector("[data-cut-off]");
    if (place) place.hidden = !cut;
    if (cut) place?.scrollIntoView({ block: "center" });
  };

  document.addEventListener("htmx:sendError", (event) => tell(Boolean(event.detail.boosted)));
  document.addEventListener("htmx:timeout", () => tell(true));
  document.addEventListener("htmx:beforeRequest", () => tell(false));
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.boosted) scrollTo(0, 0);
  });
})();
