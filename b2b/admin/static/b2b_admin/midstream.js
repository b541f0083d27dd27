// The little that a page cannot do without a script; every page works without it too.
(() => {
  "use strict";

  // A form that changes something is sent once, however often its button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-once]")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    const pressed = event.submitter;
    window.setTimeout(() => {
      for (const button of form.querySelectorAll("button")) button.disabled = true;
      if (pressed && pressed.dataset.busy) pressed.textContent = pressed.dataset.busy;
    });
  });

  // Going back to a page brings its form back to life.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("button")) button.disabled = false;
    }
  });

  // A file may be dropped on its field.
  document.addEventListener("DOMContentLoaded", () => {
    for (const zone of document.querySelectorAll("[data-drop]")) {
      const input = zone.querySelector("input[type=file]");
      input.hasChangeListener = true; // Unfold would look for a text field beside it that is not there.
      const mark = (over) => zone.classList.toggle("ms-over", over);
      zone.addEventListener("dragover", (event) => { event.preventDefault(); mark(true); });
      zone.addEventListener("dragleave", () => mark(false));
      zone.addEventListener("drop", (event) => {
        event.preventDefault();
        mark(false);
        if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
      });
    }
  });
})();
