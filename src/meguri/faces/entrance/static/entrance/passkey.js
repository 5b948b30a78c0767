// Passkeys: ask the device, put its answer into the form, send the form. Three pages use this: signing in, the second factor, making one.
// webauthn-json.js (a static file of django-allauth) turns the options of JSON into what the browser takes and back.
"use strict";

(() => {
  const sayFault = () => {
    document.querySelector("[data-passkey-error]").hidden = false;
  };

  const send = (form, credential) => {
    form.elements.credential.value = JSON.stringify(credential);
    form.submit();
  };

  async function signIn(form) {
    const ready = document.getElementById("passkey-options"); // after a password they stand in the page
    if (ready) {
      send(form, await window.webauthnJSON.get(JSON.parse(ready.textContent).request_options));
      return;
    }
    const answer = await fetch(form.dataset.options, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`options: ${answer.status}`);
    const { request_options: options } = await answer.json();
    send(form, await window.webauthnJSON.get(options));
  }

  async function make(form) {
    const options = JSON.parse(document.getElementById("passkey-options").textContent).creation_options;
    const alone = form.elements.passwordless.checked;
    const choice = options.publicKey.authenticatorSelection;
    choice.residentKey = alone ? "required" : "discouraged";
    choice.requireResidentKey = alone;
    if (alone) choice.userVerification = "required";
    send(form, await window.webauthnJSON.create(options));
  }

  const on = (selector, work) => {
    const button = document.querySelector(selector);
    button?.addEventListener("click", () => work(button.form).catch(sayFault));
  };

  on("[data-passkey]", signIn);
  on("[data-add]", make);
})();
