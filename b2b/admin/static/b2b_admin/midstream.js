// The little that a page cannot do without a script; every page works without it too.
(() => {
  "use strict";

  // A form that changes something is sent once, however often its button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-once]")) return;
    if (event.submitter && "download" in event.submitter.dataset) return; // a file comes, the page stays
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
    // A browser may leave `autofocus` aside after a form was answered; a scanner needs the field all the same.
    const field = document.querySelector("#content-main [autofocus]");
    if (field && document.activeElement === document.body) field.focus();
  });

  // Unfold shows the name of a chosen file in the first text field it finds, which with our forms is any or none.
  document.addEventListener("DOMContentLoaded", () => {
    for (const input of document.querySelectorAll(".ms-form input[type=file]")) input.hasChangeListener = true;
  });

  // Unfold's icons are words set in an icon font: screen readers must not read them. Its menu button is no button.
  document.addEventListener("DOMContentLoaded", () => {
    for (const icon of document.querySelectorAll(".material-symbols-outlined")) {
      const pressed = Array.from(icon.attributes).some((one) => one.name.startsWith("x-on:click"));
      if (!pressed) {
        icon.setAttribute("aria-hidden", "true");
        continue;
      }
      icon.setAttribute("role", "button");
      icon.setAttribute("tabindex", "0");
      icon.setAttribute("aria-label", document.documentElement.lang.startsWith("zh") ? "菜单" : "Menu");
      icon.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          icon.click();
        }
      });
    }
  });

  // A scanner types and presses Enter: go on to the next empty field, and send the form after the last one. It sends
  // the separator of GS1 bar codes as Ctrl+], which browsers drop.
  document.addEventListener("keydown", (event) => {
    const input = event.target;
    if (!input.matches || !input.matches("form[data-wedge] input")) return;
    if (event.ctrlKey && event.key === "]") {
      event.preventDefault();
      input.setRangeText("^", input.selectionStart, input.selectionEnd, "end");
      return;
    }
    if (event.key !== "Enter") return;
    const fields = Array.from(input.form.querySelectorAll("input:not([type=hidden])"));
    const rest = fields.slice(fields.indexOf(input) + 1);
    const next = rest.find((one) => !one.value && !("optional" in one.dataset));
    if (next) {
      event.preventDefault();
      next.focus();
    }
  });

  // What stands in a field is overwritten by the next scan, never written behind.
  document.addEventListener("focusin", (event) => {
    const input = event.target;
    if (input.matches && input.matches("form[data-wedge] input") && input.value) input.select();
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
