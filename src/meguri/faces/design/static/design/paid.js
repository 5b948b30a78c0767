// A payment has landed: the ring turns once, the phone trembles, two notes sound. Any element with data-paid starts it;
// so does the event "meguri:paid" (sent by htmx's HX-Trigger header or by a page's own stream).
(() => {
  "use strict";
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let sound = null;

  const note = (context, pitch, after) => {
    const tone = context.createOscillator();
    const loudness = context.createGain();
    const begin = context.currentTime + after;
    tone.type = "sine";
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.0001, begin);
    loudness.gain.exponentialRampToValueAtTime(0.4, begin + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, begin + 0.7);
    tone.connect(loudness).connect(context.destination);
    tone.start(begin);
    tone.stop(begin + 0.75);
  };

  const ringBell = () => {
    try {
      sound ??= new AudioContext();
      sound.resume();
      note(sound, 880, 0);
      note(sound, 1318.5, 0.16);
    } catch {
      // A device without sound has already shown the tick.
    }
  };

  const turn = () => {
    if (still.matches) return;
    for (const ring of document.querySelectorAll(".ring")) {
      ring.classList.remove("ring--turning");
      ring.getBoundingClientRect();
      ring.classList.add("ring--turning");
    }
  };

  const celebrate = (quiet) => {
    turn();
    // Browsers let a page tremble and sound only after a touch.
    if (navigator.userActivation && !navigator.userActivation.hasBeenActive) return;
    navigator.vibrate?.([60, 40, 120]);
    if (!quiet) ringBell();
  };

  // Where money may land without a touch, the first touch makes the bell ready: some browsers allow sound only then.
  const makeReady = () => {
    if (!document.querySelector("[data-awaits-payment]")) return;
    try {
      sound ??= new AudioContext();
      sound.resume();
    } catch {
      // No sound here; the tick is shown all the same.
    }
  };

  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, makeReady);

  const seen = new WeakSet();

  const look = (scope) => {
    const found = scope.matches?.("[data-paid]") ? scope : scope.querySelector?.("[data-paid]");
    if (!found || seen.has(found)) return;
    seen.add(found);
    celebrate(found.dataset.paid === "quiet");
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-land]")) celebrate(false);
  });
  document.addEventListener("meguri:paid", () => celebrate(false));
  document.addEventListener("DOMContentLoaded", () => look(document));
  document.addEventListener("htmx:load", (event) => look(event.detail.elt));
})();
