// Time that passes while one looks: a code's remaining seconds, and the running clock that tells a screen from a picture.
(() => {
  "use strict";

  const two = (number) => String(number).padStart(2, "0");

  const countDown = (place, now) => {
    const left = Math.max(0, Math.ceil((Date.parse(place.dataset.until) - now) / 1000));
    place.textContent = `${Math.floor(left / 60)}:${two(left % 60)}`;
    if (left > 0) return;
    const owner = place.closest("[data-ends]");
    if (!owner || owner.classList.contains("code--ended")) return;
    owner.classList.add("code--ended");
    for (const after of owner.querySelectorAll("[data-after-end]")) after.hidden = false;
    owner.dispatchEvent(new CustomEvent("meguri:ended", { bubbles: true }));
  };

  const showTime = (place, now) => {
    const shown = new Date(now).toLocaleTimeString("ja-JP", { timeZone: "Asia/Tokyo", hour12: false });
    place.textContent = shown;
  };

  // The town's clock may differ from the device's: the page tells the town's time once, the difference is kept.
  const told = document.querySelector("meta[name='meguri-now']");
  const shift = told ? Date.parse(told.content) - Date.now() : 0;

  const tick = () => {
    const now = Date.now() + shift;
    for (const place of document.querySelectorAll("[data-until]")) countDown(place, now);
    for (const place of document.querySelectorAll("[data-running-clock]")) showTime(place, now);
  };

  document.addEventListener("DOMContentLoaded", () => {
    tick();
    setInterval(tick, 1000);
  });
})();
