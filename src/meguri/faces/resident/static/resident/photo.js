// A photo is made smaller in the phone before it is sent, and shown. Without this file the form sends it as it is.
(() => {
  "use strict";

  const SIDE = 1600;

  const redrawn = async (file, canvas) => {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
  };

  document.addEventListener("change", async (event) => {
    const input = event.target;
    if (!input.matches("input[data-photo]")) return;
    const shown = input.form.querySelector("[data-photo-shown]");
    const [file] = input.files;
    shown.hidden = true;
    if (!file) return;
    try {
      const small = await redrawn(file, shown.querySelector("canvas"));
      if (input.files[0] !== file || !small) return;
      const kept = new DataTransfer();
      kept.items.add(new File([small], "photo.jpg", { type: "image/jpeg" }));
      input.files = kept.files;
      shown.hidden = false;
    } catch {
      // No picture that this browser can open: the town says what to do.
    }
  });
})();
