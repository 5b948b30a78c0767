// Paper notes: scans go out in batches while the next is read; what could not be sent waits on this device.
(() => {
  "use strict";
  const BATCH = 50;
  const AGAIN_MS = 3000;
  const KEPT_MS = 12 * 60 * 60 * 1000;
  const SAME_MS = 2500;
  const form = () => document.querySelector("[data-notes]");
  const field = () => document.querySelector("[data-scans]");
  const due = () => document.querySelector("[data-due]");
  const show = (name, shown) => document.querySelector(`[data-${name}]`)?.toggleAttribute("hidden", !shown);

  // By shop: a device on which another shop signs in must not count one's notes for the other.
  const place = () => `meguri-notes-${form().dataset.shop}`;

  let queue = [];
  let sending = false;
  let timer = 0;

  const keep = () => {
    const kept = { delivery: form().elements.delivery.value, queue, at: Date.now() };
    localStorage.setItem(place(), JSON.stringify(kept));
    document.querySelector("[data-waiting-count]").textContent = String(queue.length);
    show("waiting", queue.length > 0);
  };

  // Whatever waited when this page was left, under the same delivery: so it is still known for the same scan.
  const resume = () => {
    const kept = JSON.parse(localStorage.getItem(place()) ?? "null");
    if (!kept || !kept.queue.length || Date.now() - kept.at > KEPT_MS) return;
    form().elements.delivery.value = kept.delivery;
    queue = kept.queue;
    keep();
    flush();
  };

  const adopt = (page) => {
    for (const id of ["tally", "said"]) document.getElementById(id).replaceWith(page.getElementById(id));
    const list = document.getElementById("verdicts");
    const fresh = [...page.getElementById("verdicts").children];
    list.prepend(...fresh.map((each) => document.adoptNode(each)));
    navigator.vibrate?.(fresh.some((each) => each.classList.contains("verdict--refused")) ? [120, 60, 120] : 40);
  };

  const send = async (batch) => {
    const body = new FormData(form());
    body.set("notes", batch.join("\n"));
    body.delete("due_yen");
    const answer = await fetch(form().action, { method: "POST", body });
    if (answer.redirected || answer.status === 403) return "signed-out";
    if (answer.status >= 500) throw new Error(String(answer.status));
    adopt(new DOMParser().parseFromString(await answer.text(), "text/html"));
    return answer.ok ? "sent" : "refused"; // as a whole (the shop is closed): the notes stay here until the next press
  };

  // One batch after the other; a lost answer leaves the batch where it is, and the same batch goes again.
  const flush = async () => {
    if (sending || !queue.length) return;
    sending = true;
    clearTimeout(timer);
    try {
      while (queue.length) {
        const batch = queue.slice(0, BATCH);
        const said = await send(batch);
        show("signed-out", said === "signed-out");
        if (said !== "sent") break;
        queue = queue.slice(batch.length);
        show("cut-off", false);
        keep();
      }
    } catch {
      show("cut-off", true);
      timer = setTimeout(flush, AGAIN_MS);
    } finally {
      sending = false;
    }
  };

  const lines = () => field().value.split(/\r?\n/).map((line) => line.trim()).filter(Boolean);

  // While a customer's bill stands in its field the notes are only gathered: they are taken together, by the button.
  const takeLines = () => {
    if (due().value.trim()) return;
    queue.push(...lines());
    field().value = "";
    keep();
    flush();
  };

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== field()) return;
    if (due().value.trim()) return;
    event.preventDefault();
    if (lines().length) takeLines();
  });

  document.addEventListener("submit", (event) => {
    if (event.target !== form() || due().value.trim()) return;
    event.preventDefault();
    if (lines().length) takeLines();
    else flush();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-finish]") && !queue.length) localStorage.removeItem(place());
    if (event.target.closest("[data-camera]")) startCamera();
    if (event.target.closest("[data-camera-stop]")) stopCamera();
  });
  window.addEventListener("online", flush);

  // --- camera: it stays open, and a code that is still before it is not read again ---------------------------
  let stream = null;
  let read = 0;
  let last = "";
  let lastAt = 0;
  const room = () => document.querySelector("[data-camera-room]");

  const stopCamera = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    if (room()?.open) room().close();
  };

  const found = (text) => {
    const now = Date.now();
    const same = text === last && now - lastAt < SAME_MS;
    [last, lastAt] = [text, now];
    if (same) return;
    read += 1;
    document.querySelector("[data-camera-count]").textContent = String(read);
    navigator.vibrate?.(40);
    field().value += `${field().value && !field().value.endsWith("\n") ? "\n" : ""}${text}\n`;
    takeLines();
  };

  const look = async (detector, view) => {
    if (!stream) return;
    const codes = await detector.detect(view).catch(() => []);
    for (const code of codes) found(code.rawValue);
    setTimeout(() => look(detector, view), 120);
  };

  const startCamera = async () => {
    const fault = document.querySelector("[data-camera-fault]");
    fault.hidden = true;
    read = 0;
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
  document.addEventListener("close", stopCamera, true);

  const offerCamera = async () => {
    if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return;
    const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
    if (formats.includes("qr_code")) document.querySelector("[data-camera]")?.removeAttribute("hidden");
  };

  document.addEventListener("DOMContentLoaded", () => {
    offerCamera();
    resume();
    if (!document.querySelector("[data-notes] [required]")) field().focus();
  });
})();
