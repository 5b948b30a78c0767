// Signing in with a passkey: ask the server for options, the device for an answer, and send it as a form.
// webauthn-json.js (django-allauth's static file) gives navigator's JSON forms where a browser has none.
"use strict";

(() => {
  const form = document.getElementById("passkey");
  const button = form?.querySelector("[data-passkey]");
  if (!button) return;

  async function ask() {
    const answer = await fetch(form.dataset.options, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(`options: ${answer.status}`);
    const { request_options: options } = await answer.json();
    const credential = await window.webauthnJSON.get(options);
    form.elements.credential.value = JSON.stringify(credential);
    form.submit();
  }

  button.addEventListener("click", () => {
    ask().catch(() => {
      form.querySelector("[data-passkey-error]").hidden = false;
    });
  });
})();
