// What opens and closes (ways on a narrow screen), goes back, prints, or is sure before it is pressed.
(() => {
  "use strict";

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      const target = document.getElementById(opener.dataset.opens);
      target.hidden = !target.hidden;
      opener.setAttribute("aria-expanded", String(!target.hidden));
    }
    if (event.target.closest("[data-print]")) window.print();
    const closer = event.target.closest("[data-closes]");
    if (closer) closer.closest(closer.dataset.closes)?.remove();
  });

  document.addEventListener("DOMContentLoaded", () => {
    for (const opener of document.querySelectorAll("[data-opens]")) {
      const target = document.getElementById(opener.dataset.opens);
      target.hidden = true;
      opener.setAttribute("aria-expanded", "false");
    }
    document.querySelector("[data-look-here]")?.focus();
  });

  // A form is sent once: the second tap of a cold finger finds the button busy. A form that gives a file
  // may be sent again (`data-again`).
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || "again" in form.dataset) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    if (form.method === "post" && !form.matches("[hx-post]") && !form.querySelector("[hx-post]")) {
      form.dataset.sent = "yes";
      for (const button of form.querySelectorAll("button:not([type='button'])")) button.setAttribute("aria-busy", "true");
    }
  });

  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
})();
