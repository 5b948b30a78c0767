// A letter's QR brings its code behind the # of the address, where no server sees it; while its reader signed in, it
// waited in the tab. It goes into the field and out of the address, so that neither the history nor a shared address
// keeps it. Nothing is sent: that is for the button.
(() => {
  "use strict";

  const field = document.getElementById("code");
  if (!field) return;
  field.autocapitalize = "characters";
  field.spellcheck = false;

  const address = new URL(location.href);
  const brought = new URLSearchParams(address.hash.slice(1)).get("c") ?? sessionStorage.getItem("brought");
  sessionStorage.removeItem("brought");
  if (brought && !field.value) field.value = brought;
  if (address.hash) address.hash = "";
  address.searchParams.delete("c");
  if (address.href !== location.href) history.replaceState(history.state, "", address);
})();
