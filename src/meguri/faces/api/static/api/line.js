// Asks how the line stands (the same for everybody), fills in the figures, and loads the page again at one's turn.
"use strict";

(() => {
  const line = document.querySelector("[data-line]");
  if (!line) return;
  const number = Number(line.dataset.number.replaceAll(",", ""));
  const units = Number(line.dataset.units);
  const put = (name, value) => { line.querySelector(`[data-${name}]`).textContent = value.toLocaleString(); };
  const bar = line.querySelector("[data-share]");
  bar.style.inlineSize = `${bar.dataset.percent}%`;
  const pace = (ahead) => (ahead < 300 ? 3 : ahead < 3000 ? 6 : 15) * (800 + Math.random() * 400);

  const look = async () => {
    let ahead = 3000;
    try {
      const answer = await fetch(line.dataset.line);
      if (answer.ok) {
        const now = await answer.json();
        if (now.served >= number) { location.reload(); return; }
        ahead = number - now.served - 1;
        put("ahead", ahead);
        put("left", now.left);
        put("reserved", now.reserved);
        bar.style.inlineSize = `${Math.floor((100 * (units - now.left)) / units)}%`;
      }
    } catch { /* a bad connection: the place is kept, look again later */ }
    setTimeout(look, pace(ahead));
  };
  setTimeout(look, 1500);
})();
