// The driver's page: one trip, its stops in order, and the few things that can be done at each.
(() => {
  "use strict";
  const text = document.getElementById("texts").dataset;
  const main = document.getElementById("trip");
  const network = document.getElementById("network");
  const largest = Number(document.body.dataset.largest);
  let trip = JSON.parse(document.getElementById("state").textContent);

  const make = (tag, values = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), values);
    made.append(...children.filter((child) => child !== null));
    return made;
  };
  const say = (where, message) => {
    where.querySelector(":scope > .problem")?.remove();
    where.append(make("p", { className: "problem", textContent: message }));
  };
  const place = () => new Promise((resolve) => {
    if (!navigator.geolocation) return resolve(null);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ latitude: coords.latitude, longitude: coords.longitude }),
      () => resolve(null), { timeout: 3000, maximumAge: 60000 });
  });

  // What an action makes of the trip, before the platform has heard of it.
  const apply = ({ kind, occurred_at, content }) => {
    const shipment = trip.stops.flatMap((stop) => stop.shipments).find((one) => one.id === content.shipment_id);
    const stop = trip.stops.find((one) => one.sequence === content.stop);
    if (kind === "START") trip.status = "DEPARTED";
    if (kind === "ARRIVE" && stop) stop.arrived_at ??= occurred_at;
    if (kind === "DELIVER" && shipment) shipment.outcome = "DELIVERED";
    if (kind === "FAIL" && shipment) shipment.outcome = "FAILED";
  };
  const tell = async (kind, content) => {
    const action = { id: crypto.randomUUID?.() || `${Date.now()}-${Math.random()}`, kind, occurred_at: new Date().toISOString(), content };
    await queue.add({ action });
    apply(action);
    await show();
    await flush();
  };

  const digest = async (picture) => {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await picture.arrayBuffer()));
    return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  const keep = async (shipment, kind, picture) => {
    if (!picture) return undefined;
    const sha256 = await digest(picture);
    await queue.add({ shipment, kind, picture });
    return sha256;
  };

  const signing = () => {
    const canvas = make("canvas", { width: 600, height: 240 });
    const pen = canvas.getContext("2d");
    let used = false, drawing = false;
    const at = (event) => [event.offsetX * canvas.width / canvas.clientWidth, event.offsetY * canvas.height / canvas.clientHeight];
    const clear = () => { pen.fillStyle = "#fff"; pen.fillRect(0, 0, canvas.width, canvas.height); used = false; };
    clear();
    pen.lineWidth = 4;
    canvas.addEventListener("pointerdown", (event) => { drawing = used = true; pen.beginPath(); pen.moveTo(...at(event)); });
    canvas.addEventListener("pointermove", (event) => { if (drawing) { pen.lineTo(...at(event)); pen.stroke(); } });
    window.addEventListener("pointerup", () => { drawing = false; });
    const picture = () => used ? new Promise((resolve) => canvas.toBlob(resolve, "image/png")) : null;
    return { canvas, clear, picture };
  };

  const delivering = (shipment) => {
    const form = make("form");
    const counts = shipment.lines.map((line) => {
      const count = make("input", { type: "number", inputMode: "numeric", min: 0, max: line.quantity, value: line.quantity });
      count.name = `line-${line.line_number}`;
      form.append(make("label", { className: "line" }, line.name, count, `${text.of} ${line.quantity}`));
      return [line, count];
    });
    const signer = make("input", { name: "signer", autocomplete: "off" });
    const photo = make("input", { type: "file", name: "photo", accept: "image/jpeg,image/png", capture: "environment" });
    const sign = signing();
    const again = make("button", { type: "button", className: "quiet", textContent: text.clear, onclick: sign.clear });
    form.append(make("label", {}, text.signer, signer), make("label", {}, text.photo, photo),
      make("label", {}, text.sign), sign.canvas, again, make("button", { textContent: text.deliver }));
    form.noValidate = true;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const file = photo.files[0];
      if (counts.some(([line, count]) => !(Number(count.value) >= 0 && Number(count.value) <= line.quantity))) return say(form, text.toomany);
      if (!signer.value.trim()) return say(form, text.needsigner);
      if (file && !["image/jpeg", "image/png"].includes(file.type)) return say(form, text.wrongtype);
      if (file && file.size > largest) return say(form, text.toolarge);
      if ("sent" in form.dataset) return undefined;
      form.dataset.sent = ""; // asking where we are takes a while: a second touch is not a second delivery
      const photo_sha256 = await keep(shipment.id, "PHOTO", file);
      const signature_sha256 = await keep(shipment.id, "SIGNATURE", await sign.picture());
      return tell("DELIVER", {
        shipment_id: shipment.id, signer_name: signer.value.trim(), photo_sha256, signature_sha256, position: await place(),
        lines: counts.map(([line, count]) => ({ line_number: line.line_number, accepted_quantity: Number(count.value) })),
      });
    });
    return form;
  };

  const failing = (shipment) => {
    const reason = make("input", { name: "reason", autocomplete: "off" });
    reason.setAttribute("list", "reasons");
    const form = make("form", {}, make("label", {}, text.reason, reason), make("button", { className: "danger", textContent: text.fail }));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (!reason.value.trim()) return say(form, text.needreason);
      await tell("FAIL", { shipment_id: shipment.id, reason: reason.value.trim() });
    });
    return form;
  };

  const outcome = (shipment) => make("p", { className: shipment.outcome === "DELIVERED" ? "good" : "problem" },
    `${shipment.number}: ${shipment.outcome === "DELIVERED" ? text.done : text.failed}`);
  const dropping = (shipment) => shipment.outcome !== "OPEN" ? outcome(shipment) : make("div", {},
    make("details", {}, make("summary", {}, `${shipment.number} · ${text.deliver}`), delivering(shipment)),
    make("details", {}, make("summary", {}, `${shipment.number} · ${text.fail}`), failing(shipment)));

  const stopping = (stop) => {
    const open = stop.shipments.some((shipment) => shipment.outcome === "OPEN");
    const when = new Date(stop.planned_arrival_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const made = make("section", {}, make("h2", {}, `${stop.sequence}. ${stop.name}`), make("p", {}, `${stop.address} ${when}`),
      open && !stop.arrived_at && trip.status === "DEPARTED" ? make("button", {
        className: "quiet", textContent: text.arrive,
        onclick: () => tell("ARRIVE", { stop: stop.sequence }),
      }) : null);
    if (!open) made.dataset.done = "";
    if (trip.status !== "PLANNED") made.append(...stop.shipments.map(dropping));
    return made;
  };

  const show = async () => {
    const reasons = make("datalist", { id: "reasons" }, ...[text.refused, text.absent, text.closed].map((value) => make("option", { value })));
    const start = trip.status !== "PLANNED" ? null : make("button", {
      textContent: text.start, onclick: () => tell("START", {}),
    });
    const over = trip.stops.every((stop) => stop.shipments.every((shipment) => shipment.outcome !== "OPEN"));
    main.replaceChildren(reasons, ...(start ? [start] : []), ...trip.stops.map(stopping),
      ...(over ? [make("p", { className: "good", textContent: text.over })] : []));
    await count();
  };
  const count = async () => {
    const left = (await queue.all()).length;
    network.textContent = (navigator.onLine ? "" : text.offline) + (left ? text.waiting + left : text.online);
    network.dataset.tone = left || !navigator.onLine ? "bad" : "";
  };

  const flush = async () => {
    const done = navigator.onLine ? await queue.flush() : null;
    await count();
    if (done && done.sent) {
      await refresh();
      for (const problem of done.problems) main.prepend(make("p", { className: "problem", textContent: text.problem + problem }));
    }
  };
  // What the page shows of a trip: forms that somebody fills in are not drawn anew for less.
  const face = () => JSON.stringify([trip.status, trip.stops.map((stop) => [
    stop.sequence, Boolean(stop.arrived_at), stop.shipments.map((shipment) => [shipment.id, shipment.outcome])])]);
  const replay = async () => { for (const { action } of await queue.all()) if (action) apply(action); };
  // Take the trip as the platform last said it is, and what is not sent yet on top.
  const refresh = async () => {
    const shown = face();
    const answer = await fetch("state/").catch(() => null);
    if (answer?.ok) trip = await answer.json();
    await replay();
    if (face() !== shown) await show();
  };

  // Have the page and its parts kept by the worker; it is marked when it would open without a network.
  const keepPage = async () => {
    await navigator.serviceWorker.register("/drive/worker.js");
    const { active } = await navigator.serviceWorker.ready;
    const parts = [...document.querySelectorAll("script[src], link[rel=stylesheet]")].map((part) => part.src || part.href);
    const kept = new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      active.postMessage([location.href, new URL("state/", location.href).href, ...parts], [port2]);
    });
    if (!navigator.serviceWorker.controller) {
      await new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }));
    }
    await kept;
    document.body.dataset.kept = "";
  };

  window.addEventListener("online", flush);
  window.addEventListener("offline", count);
  window.setInterval(flush, 15000);
  if ("serviceWorker" in navigator && navigator.onLine) keepPage();
  replay().then(show).then(refresh).then(flush);
})();
