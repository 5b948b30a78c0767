// The amount pad. Without this file the amount is an ordinary field; with it, large keys write into the same field.
(() => {
  "use strict";

  const plain = (text) => text.normalize("NFKC").replace(/[^0-9]/g, "").replace(/^0+(?=\d)/, "");
  // What is no amount ("-5", "12.5", "1e9") stays as it was typed: another amount must never be made of it.
  const isAmount = (text) => /^[\d\s,、円¥]*$/.test(text.normalize("NFKC"));
  const tidied = (text) => (isAmount(text) ? grouped(plain(text)) : text);
  const grouped = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ",");

  const write = (pad, digits) => {
    const input = pad.querySelector("[data-pad-input]");
    const most = Number(input.dataset.most || 9);
    input.value = grouped(digits.slice(0, most));
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const press = (pad, key) => {
    const { value } = pad.querySelector("[data-pad-input]");
    const digits = isAmount(value) ? plain(value) : "";
    if (key === "back") write(pad, digits.slice(0, -1));
    else write(pad, plain(digits + key));
  };

  const wake = (scope) => {
    for (const pad of scope.querySelectorAll("[data-pad]")) {
      pad.querySelector("[data-pad-keys]")?.removeAttribute("hidden");
      const input = pad.querySelector("[data-pad-input]");
      // On a phone the large keys replace the system's keyboard; a mouse or a keyboard may still type.
      if (matchMedia("(pointer: coarse)").matches) input.inputMode = "none";
      input.value = tidied(input.value);
    }
  };

  document.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]");
    if (key) press(key.closest("[data-pad]"), key.dataset.key);
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pad-input]")) event.target.value = tidied(event.target.value);
  });

  document.addEventListener("DOMContentLoaded", () => wake(document));
  document.addEventListener("htmx:load", (event) => wake(event.detail.elt));
})();
