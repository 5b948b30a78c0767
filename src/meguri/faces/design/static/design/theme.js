// Before the first paint: the reader's own choices (theme, letters, readings), kept on this device alone.
(() => {
  "use strict";
  const root = document.documentElement;
  const choices = ["theme", "letters", "readings"];
  root.classList.add("js");

  const keep = (name, value) => {
    try {
      if (value) localStorage.setItem(`meguri.${name}`, value);
      else localStorage.removeItem(`meguri.${name}`);
    } catch {
      // A device that keeps nothing still shows the choice on this page.
    }
  };

  const kept = (name) => {
    try {
      return localStorage.getItem(`meguri.${name}`);
    } catch {
      return null;
    }
  };

  for (const name of choices) {
    const value = kept(name);
    if (value && !root.dataset[name]) root.dataset[name] = value;
  }

  // The server sets the readings: it is told by a cookie, and the page is asked for again, unless somebody is typing.
  const tell = (value) => {
    document.cookie = `readings=${value || "off"}; path=/; max-age=31536000; samesite=lax`;
  };
  const ask = (value) => {
    tell(value);
    const fields = [...document.querySelectorAll("input, textarea")];
    if (!fields.some((field) => field.value !== field.defaultValue)) location.assign(location.pathname + location.search);
  };
  if (root.dataset.readings) tell(root.dataset.readings);

  const mark = () => {
    for (const button of document.querySelectorAll("[data-choose]")) {
      const chosen = (root.dataset[button.dataset.choose] ?? "") === button.dataset.value;
      button.setAttribute("aria-pressed", String(chosen));
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-choose]");
    if (!button) return;
    const { choose, value } = button.dataset;
    if (value) root.dataset[choose] = value;
    else delete root.dataset[choose];
    keep(choose, value);
    mark();
    if (choose === "readings") ask(value);
  });

  document.addEventListener("DOMContentLoaded", mark);
})();
