// What a letter's QR brings behind the # of an address waits in this tab's own memory while its reader signs in: no
// server sees it, and the address no longer shows it. `entrance/codes.js` takes it up.
(() => {
  "use strict";

  const brought = new URLSearchParams(location.hash.slice(1)).get("c");
  if (!brought) return;
  sessionStorage.setItem("brought", brought);
  history.replaceState(history.state, "", location.pathname + location.search);
})();
