// A letter's QR may bring its code behind the # of the address, where no server sees it. It goes into the field and out
// of the address, so that neither the history nor a shared address keeps it. Nothing is sent: that is for the button.
(() => {
  "use strict";

  const field = document.getElementById("code");
  if (!field) return;
  field.autocapitalize = "characters";
  field.spellcheck = false;

  const address = new URL(location.href);
  const brought = new URLSearchParams(address.hash.slice(1)).get("c");
  if (brought && !field.value) field.value = brought;
  if (brought) address.hash = "";
  address.searchParams.delete("c");
  if (address.href !== location.href) history.replaceState(history.state, "", address);
})();
