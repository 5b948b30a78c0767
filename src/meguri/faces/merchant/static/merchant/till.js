// The till: a scanner's digits find their field, the camera reads a code, and a refusal is shown in place.
(() => {
  "use strict";
  const SCANNED = /^(.*?)(\d{30})$/;
  const SCAN_PAUSE_MS = 150;
  const plain = (text) => text.normalize("NFKC").replace(/[^0-9]/g, "");
  const GROUPS_IN_ROW = 3;
  const groups = (digits) => digits.match(/\d{1,5}/g) ?? [];
  // As the customer's screen has it: groups of five, three in a row.
  const grouped = (digits) => groups(digits).reduce((text, group, n) => text + (n ? (n % GROUPS_IN_ROW ? " " : "\n") : "") + group, "");
  const form = () => document.querySelector("[data-till]");
  const codeField = () => document.querySelector("[data-code]");
  const amountField = () => document.querySelector("[data-till] [data-pad-input]");

  // Digits alone are grouped, and the cursor stays behind the digit where it was; anything else stays as it is.
  const tidy = (field) => {
    if (!/^[\d\s-]*$/.test(field.value.normalize("NFKC"))) return;
    const before = plain(field.value.slice(0, field.selectionStart)).length;
    field.value = grouped(plain(field.value));
    let place = 0;
    for (let seen = 0; seen < before; place += 1) seen += /\d/.test(field.value[place]) ? 1 : 0;
    field.setSelectionRange(place, place);
  };

  // How many digits are still to come; and that one is wrong, as soon as all are there.
  const CODE_DIGITS = 30;
  const tellDigits = () => {
    const said = document.querySelector("[data-code-said]");
    if (!codeField() || !said) return;
    const digits = plain(codeField().value);
    const isTyped = /^[\d\s-]*$/.test(codeField().value.normalize("NFKC"));
    const left = CODE_DIGITS - digits.length;
    const wrong = isTyped && left === 0 && !isCode(digits);
    const more = isTyped && digits && left > 0 ? said.dataset.left.replace("#", left) : "";
    document.querySelector("[data-code-left]").textContent = wrong ? said.dataset.wrongShort : more;
    said.textContent = wrong ? said.dataset.wrong : "";
  };

  // A scanner types wherever the cursor is: a whole code at the end of the amount goes to its own field.
  const isCode = (digits) => digits.startsWith("10") && BigInt(digits) % 97n === 1n;
  const catchScan = (field) => {
    const [, amount, code] = field.value.normalize("NFKC").replace(/\s/g, "").match(SCANNED) ?? [];
    if (!code || !isCode(code)) return;
    codeField().value = grouped(code);
    tellDigits();
    field.value = amount;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    codeField().focus();
  };

  // After a pause, because a part of amount and code together may look like a code as well.
  let pause = 0;
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-code]")) {
      tidy(event.target);
      tellDigits();
    }
    if (event.target !== amountField()) return;
    clearTimeout(pause);
    pause = setTimeout(() => catchScan(event.target), SCAN_PAUSE_MS);
  });

  // Enter sends only a whole request; else it leads to what is missing.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !event.target.matches("[data-till] input, [data-till] textarea")) return;
    event.preventDefault();
    catchScan(amountField());
    const empty = [amountField(), codeField()].find((field) => !field.value.trim());
    if (empty) empty.focus();
    else form().requestSubmit();
  });

  // What was refused comes back with its own status and is shown all the same.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const answer = event.detail.xhr;
    if (answer.status < 400 || !answer.getResponseHeader("content-type")?.startsWith("text/html")) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
  document.addEventListener("htmx:afterSettle", () => scrollTo(0, 0));
  document.addEventListener("htmx:sendError", () => document.querySelector("[data-cut-off]")?.removeAttribute("hidden"));
  document.addEventListener("htmx:beforeRequest", () => document.querySelector("[data-cut-off]")?.setAttribute("hidden", ""));

  // --- what customers pay by the shop's own code -----------------------------------------------------------
  // It is asked for every few seconds while somebody works at the till, seldom when nobody does, never when hidden.
  const LOOK_MS = 3000;
  const SELDOM = 5;
  const AT_WORK_MS = 120000;
  const SEEN = "meguri-till-seen";
  let worked = Date.now();
  let turns = 0;
  const latest = () => document.querySelector("[data-latest]");
  const remember = () => sessionStorage.setItem(SEEN, latest().dataset.after);

  const announce = (sheet) => {
    document.querySelector("[data-landed]")?.remove();
    sheet.classList.toggle("landed--low", Boolean(amountField().value.trim() || codeField().value.trim()));
    document.querySelector("main").append(sheet);
    document.dispatchEvent(new Event("meguri:paid"));
    worked = Date.now();
  };

  const lookForNews = async (after) => {
    const answer = await fetch(`${latest().dataset.latest}?after=${after}`);
    if (answer.status !== 200 || answer.redirected || !latest()) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["today", "latest"]) document.getElementById(id).replaceWith(page.getElementById(id));
    remember();
    const sheet = page.querySelector("[data-landed]");
    if (sheet) announce(document.adoptNode(sheet));
  };

  const watch = () => {
    if (!latest() || document.hidden) return;
    turns += 1;
    if (Date.now() - worked > AT_WORK_MS && turns % SELDOM) return;
    lookForNews(latest().dataset.after).catch(() => undefined);
  };

  // Whoever comes back to the till learns what was paid meanwhile.
  const catchUp = () => {
    const seen = sessionStorage.getItem(SEEN);
    if (!latest()) return;
    if (seen && seen !== latest().dataset.after) lookForNews(seen).catch(() => undefined);
    remember();
  };

  const closeSheet = (event) => {
    const sheet = document.querySelector("[data-landed]");
    if (!sheet || (event.type === "keydown" ? event.key !== "Escape" : !event.target.closest("[data-landed] .button--primary"))) return;
    event.preventDefault();
    sheet.remove();
  };

  document.addEventListener("DOMContentLoaded", () => {
    catchUp();
    setInterval(watch, LOOK_MS);
  });
  document.addEventListener("htmx:historyRestore", catchUp);
  document.addEventListener("visibilitychange", watch);
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, () => { worked = Date.now(); });
  for (const kind of ["click", "keydown"]) document.addEventListener(kind, closeSheet);

  // --- camera ---------------------------------------------------------------------------------------------
  let stream = null;
  const room = () => document.querySelector("[data-camera-room]");

  const stopCamera = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    if (room()?.open) room().close();
  };

  const found = (text) => {
    stopCamera();
    codeField().value = /^\d+$/.test(text) ? grouped(text) : text;
    tellDigits();
    navigator.vibrate?.(40);
    if (amountField().value.trim()) form().requestSubmit();
    else amountField().focus();
  };

  const look = async (detector, view) => {
    if (!stream) return;
    const codes = await detector.detect(view).catch(() => []);
    if (codes.length > 0) found(codes[0].rawValue);
    else setTimeout(() => look(detector, view), 120);
  };

  const startCamera = async () => {
    const fault = document.querySelector("[data-camera-fault]");
    fault.hidden = true;
    room().showModal();
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      const view = document.querySelector("[data-camera-view]");
      view.srcObject = stream;
      await view.play();
      look(new BarcodeDetector({ formats: ["qr_code"] }), view);
    } catch {
      fault.hidden = false;
    }
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-camera]")) startCamera();
    if (event.target.closest("[data-camera-stop]")) stopCamera();
  });
  document.addEventListener("close", stopCamera, true);

  const offerCamera = async () => {
    if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return;
    const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
    if (formats.includes("qr_code")) document.querySelector("[data-camera]")?.removeAttribute("hidden");
  };

  for (const kind of ["DOMContentLoaded", "htmx:load"]) {
    document.addEventListener(kind, offerCamera);
    document.addEventListener(kind, tellDigits);
  }
  // A page that comes back out of the browser's memory carries the number of a sale that is over.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && form()) location.reload();
  });
})();
