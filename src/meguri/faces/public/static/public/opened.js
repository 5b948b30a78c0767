// An address that names a code (#code) opens the group in which it stands; browsers do so only when they search.
"use strict";

(() => {
  const open = () => {
    const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const group = named?.closest("details");
    if (!group) return;
    group.open = true;
    named.scrollIntoView();
  };

  addEventListener("hashchange", open);
  open();
})();
