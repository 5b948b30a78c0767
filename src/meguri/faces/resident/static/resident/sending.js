// A large file on its way: how much was sent, and that it is being read. Without this file the form sends as any other.
(() => {
  "use strict";

  const say = (form, what) => {
    form.querySelector("[data-sending-shown]").hidden = false;
    for (const each of form.querySelectorAll("[data-say]")) each.hidden = each.dataset.say !== what;
  };

  const busy = (form, is) => {
    for (const button of form.querySelectorAll("button")) {
      button.disabled = is;
      button.setAttribute("aria-busy", String(is));
    }
  };

  const answered = (request) => {
    if (request.status < 400) {
      location.assign(request.responseURL);
      return;
    }
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    document.querySelector("main").replaceWith(page.querySelector("main"));
    document.querySelector("main [role='alert']")?.scrollIntoView();
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-sending]")) return;
    event.preventDefault();
    const bar = form.querySelector("progress");
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      bar.value = (100 * loaded) / Math.max(total, 1);
    });
    request.upload.addEventListener("load", () => {
      bar.removeAttribute("value");
      say(form, "read");
    });
    request.addEventListener("load", () => answered(request));
    request.addEventListener("error", () => {
      say(form, "broken");
      busy(form, false);
    });
    request.send(new FormData(form));
    bar.value = 0;
    say(form, "way");
    busy(form, true);
  });
})();
