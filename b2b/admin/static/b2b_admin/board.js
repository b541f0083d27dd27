// The dispatch board: draws rounds on a plain map, lets stops be moved by mouse or keyboard, asks the server what it
// thinks of every change before anything is saved, and plays the day.
(() => {
  "use strict";

  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const SVG = "http://www.w3.org/2000/svg";
  const COLOURS = ["#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#0891b2", "#be185d", "#4d7c0f", "#9a3412", "#475569"];
  const TILE = 256;

  document.addEventListener("DOMContentLoaded", () => {
    const page = document.getElementById("ms-board");
    if (!page) return;
    const told = read("board-told"), texts = read("board-texts");
    let board = read("board-state");
    let dirty = false, asked = 0, timer = null, focus = null;
    const byId = (id) => document.getElementById(id);
    const [map, list, notes, say] = ["ms-map", "ms-rounds", "ms-findings", "ms-board-say"].map(byId);

    const make = (name, attributes = {}, ...children) => {
      const made = document.createElement(name);
      for (const [key, value] of Object.entries(attributes)) {
        if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
        else if (value !== false && value !== null) made.setAttribute(key, value === true ? "" : value);
      }
      made.append(...children);
      return made;
    };
    const draw = (name, attributes, parent) => {
      const made = document.createElementNS(SVG, name);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      parent.append(made);
      return made;
    };
    const colour = (index) => COLOURS[index % COLOURS.length];
    const layout = () => ({
      warehouse: told.warehouse, day: board.day, stamp: board.stamp,
      rounds: Object.fromEntries(board.rounds.map((one) => [one.van, one.calls.map((call) => call.job)])),
      locked: Object.fromEntries(board.rounds.map((one) => [one.van, one.locked])),
    });

    // --- the map: Web Mercator in units of pixels at a zoom at which everything fits -------------------------
    const mercator = (lat, lon) => {
      const sine = Math.sin((lat * Math.PI) / 180);
      return [(lon + 180) / 360, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
    };
    let project = () => [0, 0];
    const fit = () => {
      const places = [board.warehouse, ...Object.values(board.jobs), ...board.under_way.filter((one) => one.lat !== null)];
      const points = places.map((one) => mercator(one.lat, one.lon));
      const [xs, ys] = [points.map((one) => one[0]), points.map((one) => one[1])];
      const [left, top] = [Math.min(...xs), Math.min(...ys)];
      const span = Math.max(Math.max(...xs) - left, (Math.max(...ys) - top) * 1.5, 1e-5);
      const zoom = Math.min(18, Math.floor(Math.log2(820 / (span * TILE))));
      const scale = TILE * 2 ** zoom;
      const [width, height] = [900, 600];
      const x0 = ((Math.max(...xs) + left) / 2) * scale - width / 2, y0 = ((Math.max(...ys) + top) / 2) * scale - height / 2;
      project = (lat, lon) => {
        const [x, y] = mercator(lat, lon);
        return [x * scale - x0, y * scale - y0];
      };
      map.setAttribute("viewBox", `0 0 ${width} ${height}`);
      return { zoom, x0, y0, width, height };
    };
    const ground = ({ zoom, x0, y0, width, height }) => {
      draw("rect", { width, height, class: "ms-map-ground" }, map);
      if (told.tiles) {
        for (let x = Math.floor(x0 / TILE); x * TILE < x0 + width; x += 1)
          for (let y = Math.floor(y0 / TILE); y * TILE < y0 + height; y += 1) {
            const href = told.tiles.replace("{z}", zoom).replace("{x}", x).replace("{y}", y);
            draw("image", { href, x: x * TILE - x0, y: y * TILE - y0, width: TILE, height: TILE }, map);
          }
        return;
      }
      for (let x = -(x0 % 100); x < width; x += 100) draw("path", { d: `M${x} 0V${height}`, class: "ms-map-grid" }, map);
      for (let y = -(y0 % 100); y < height; y += 100) draw("path", { d: `M0 ${y}H${width}`, class: "ms-map-grid" }, map);
      const metres = (100 * 40075016 * Math.cos((board.warehouse.lat * Math.PI) / 180)) / (TILE * 2 ** zoom);
      draw("path", { d: `M20 ${height - 20}h100`, class: "ms-map-scale" }, map);
      draw("text", { x: 20, y: height - 28 }, map).textContent = metres >= 1000 ? `${(metres / 1000).toFixed(1)} km` : `${Math.round(metres)} m`;
    };
    const drawMap = () => {
      map.replaceChildren();
      ground(fit());
      const depot = project(board.warehouse.lat, board.warehouse.lon);
      for (const trip of board.under_way) {
        const points = trip.stops.map((stop) => project(stop.lat, stop.lon));
        draw("polyline", { points: [depot, ...points, depot].join(" "), class: "ms-map-gone" }, map);
        if (trip.lat !== null) {
          const [x, y] = project(trip.lat, trip.lon);
          const mark = draw("rect", { x: x - 6, y: y - 6, width: 12, height: 12, class: "ms-map-truck" }, map);
          draw("title", {}, mark).textContent = `${trip.vehicle} ${trip.number}`;
        }
      }
      board.rounds.forEach((one, index) => {
        if (!one.calls.length) return;
        const points = one.calls.map((call) => project(board.jobs[call.job].lat, board.jobs[call.job].lon));
        draw("polyline", { points: [depot, ...points, depot].join(" "), stroke: colour(index), class: "ms-map-round" }, map);
        points.forEach(([x, y], place) => {
          const job = board.jobs[one.calls[place].job];
          const dot = draw("circle", { cx: x, cy: y, r: 10, fill: colour(index), "data-job": one.calls[place].job }, map);
          draw("title", {}, dot).textContent = `${job.name} ${job.number}`;
          draw("text", { x, y: y + 4, class: "ms-map-number" }, map).textContent = place + 1;
        });
      });
      for (const { job } of board.unplanned) {
        const one = board.jobs[job];
        if (!one) continue;
        const [x, y] = project(one.lat, one.lon);
        const dot = draw("circle", { cx: x, cy: y, r: 8, class: "ms-map-waits", "data-job": job }, map);
        draw("title", {}, dot).textContent = `${one.name} ${one.number}`;
      }
      const home = draw("rect", { x: depot[0] - 9, y: depot[1] - 9, width: 18, height: 18, class: "ms-map-depot" }, map);
      draw("title", {}, home).textContent = `${texts.depot}: ${board.warehouse.name}`;
    };

    // --- the rounds ------------------------------------------------------------------------------------------
    const placeOf = (job) => {
      for (const one of board.rounds) {
        const index = one.calls.findIndex((call) => call.job === job);
        if (index >= 0) return [one, index];
      }
      return [null, -1];
    };
    const move = (job, van, index) => {
      const [from, at] = placeOf(job);
      if (from && at < from.locked) return;
      const to = board.rounds.find((one) => one.van === van) || null;
      let place = to ? Math.max(index, to.locked) : 0;
      if (from) {
        from.calls.splice(at, 1);
        if (from === to && at < place) place -= 1;
      } else board.unplanned = board.unplanned.filter((one) => one.job !== job);
      if (to) to.calls.splice(Math.min(place, to.calls.length), 0, { job });
      else board.unplanned.push({ job, reason: "" });
      focus = job;
      changed();
    };
    const lockAt = (one, count) => { one.locked = count; changed(); };
    const accepts = (element, van, index) => {
      element.addEventListener("dragover", (event) => { event.preventDefault(); element.classList.add("ms-over"); });
      element.addEventListener("dragleave", () => element.classList.remove("ms-over"));
      element.addEventListener("drop", (event) => {
        event.preventDefault();
        event.stopPropagation();
        move(event.dataTransfer.getData("text/plain"), van, index);
      });
    };
    const mover = (job, van) => {
      const choice = make("select", { "aria-label": `${texts.move_to}: ${board.jobs[job].number}`, onchange: () => move(job, choice.value, 1e6) },
        make("option", { value: van || "", selected: true }, `${texts.move_to}…`),
        ...board.rounds.filter((one) => one.van !== van).map((one) => make("option", { value: one.van }, one.code)),
        ...(van ? [make("option", { value: "-" }, texts.take_off)] : []));
      return choice;
    };
    const button = (text, label, act, more = {}) => make("button", { type: "button", class: "ms-mini", "aria-label": label, title: label, onclick: act, ...more }, text);
    const stop = (one, call, index) => {
      const job = board.jobs[call.job], locked = index < one.locked, late = call.late_percent >= 20;
      const times = call.arrives ? `${call.arrives} · ${texts.usually} ${call.p50}, ${texts.by} ${call.p80}${late ? ` · ${call.late_percent} % ${texts.late}` : ""}` : "…";
      const item = make("li", { draggable: String(told.may_act && !locked), "data-job": call.job, "data-late": late, "data-locked": locked },
        make("span", { class: "ms-stop-what" }, `${index + 1}. ${job.name}`, make("span", { class: "ms-quiet" }, ` ${job.number} · ${job.kg} kg`)),
        make("span", { class: "ms-quiet" }, times));
      item.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", call.job));
      if (told.may_act) {
        const tools = make("span", { class: "ms-stop-tools" });
        if (!locked) tools.append(
          button("↑", `${texts.earlier}: ${job.number}`, () => move(call.job, one.van, index - 1), { disabled: index <= one.locked }),
          button("↓", `${texts.later}: ${job.number}`, () => move(call.job, one.van, index + 2), { disabled: index + 1 >= one.calls.length }),
          mover(call.job, one.van));
        tools.append(button(locked ? "🔒" : "🔓", `${locked ? texts.unlock : texts.lock}: ${job.number}`, () => lockAt(one, locked ? index : index + 1), { "aria-pressed": String(locked) }));
        item.append(tools);
        accepts(item, one.van, index);
      }
      return item;
    };
    const drawRounds = () => {
      list.replaceChildren();
      board.rounds.forEach((one, index) => {
        const about = one.calls.length ? `${texts.leaves} ${one.departs || "…"}, ${texts.back} ${one.returns || "…"} · ${one.km ?? "…"} km · ${one.load_percent ?? "…"} % ${texts.full}` : `${one.starts}–${one.ends}`;
        const stops = make("ol", { class: "ms-stops" }, ...one.calls.map((call, at) => stop(one, call, at)));
        if (!one.calls.length) stops.append(make("li", { class: "ms-quiet" }, texts.empty_round));
        const card = make("section", { class: "ms-round", "data-van": one.van, "aria-label": one.code },
          make("h3", {}, make("span", { class: "ms-dot", style: `background:${colour(index)}` }), one.code, make("span", { class: "ms-quiet" }, ` ${about}`)), stops);
        if (told.may_act) accepts(card, one.van, 1e6);
        list.append(card);
      });
      const waiting = make("ul", { class: "ms-stops" }, ...board.unplanned.filter((one) => board.jobs[one.job]).map((one) => {
        const job = board.jobs[one.job];
        const item = make("li", { draggable: String(told.may_act), "data-job": one.job },
          make("span", { class: "ms-stop-what" }, job.name, make("span", { class: "ms-quiet" }, ` ${job.number} · ${job.kg} kg`)),
          make("span", { class: "ms-quiet" }, one.reason));
        item.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", one.job));
        if (told.may_act) item.append(make("span", { class: "ms-stop-tools" }, mover(one.job, "")));
        return item;
      }));
      if (!board.unplanned.length) waiting.append(make("li", { class: "ms-quiet" }, texts.nothing_unplanned));
      const card = make("section", { class: "ms-round", "data-van": "-", "aria-label": texts.unplanned }, make("h3", {}, texts.unplanned), waiting);
      if (told.may_act) accepts(card, "-", 0);
      list.append(card);
      if (focus) {
        const item = list.querySelector(`[data-job="${focus}"] button, [data-job="${focus}"] select`);
        if (item) item.focus();
        focus = null;
      }
    };
    const drawFindings = () => {
      notes.replaceChildren(...board.findings.map((one) => make("li", {}, one.text)));
      const { km, empty_km, cost, stops, late_percent } = board.figures;
      byId("ms-board-figures").textContent = `${stops} · ${km} km (${empty_km}) · ${cost} · ${late_percent} % ${texts.late}`;
      byId("ms-board-save").disabled = !told.may_act || !dirty || board.findings.length > 0 || asked > 0;
      byId("ms-board-plan").disabled = !told.may_act || timer !== null;
    };
    const show = () => { drawMap(); drawRounds(); drawFindings(); prepare(); };

    // --- what the server says --------------------------------------------------------------------------------
    const post = async (url) => {
      const token = page.querySelector("[name=csrfmiddlewaretoken]").value;
      const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": token }, body: JSON.stringify(layout()) });
      const body = await answer.json();
      if (!answer.ok) throw new Error([body.fault, ...(body.problems || [])].join(" "));
      return body;
    };
    const attempt = async (work) => {
      try { return await work(); } catch (error) { say.textContent = error instanceof TypeError ? texts.lost : error.message; return null; }
    };
    const changed = async () => {
      dirty = true;
      asked += 1;
      const mine = asked;
      show();
      const laid = await attempt(() => post(told.lay));
      if (mine !== asked) return; // a later change is being asked about
      asked = 0;
      if (laid) {
        board = { ...laid, stamp: board.stamp };
        say.textContent = board.findings.length ? texts.changed : `${texts.changed} ${texts.sound}`;
      }
      show();
    };
    byId("ms-board-save").addEventListener("click", async () => {
      const saved = await attempt(() => post(told.save));
      if (!saved) return;
      board = saved;
      dirty = false;
      say.textContent = saved.saved;
      show();
    });
    const follow = async (url) => {
      const state = await attempt(async () => (await fetch(url)).json());
      if (state && ["QUEUED", "RUNNING"].includes(state.status)) {
        byId("ms-board-progress").value = state.percent;
        timer = window.setTimeout(() => follow(url), 1000);
        return;
      }
      timer = null;
      byId("ms-board-progress").hidden = true;
      if (!state || !state.rounds || state.status !== "FOUND") { say.textContent = (state && state.fault) || texts.failed; drawFindings(); return; }
      const served = new Set(Object.values(state.rounds).flat());
      for (const one of board.rounds) one.calls = (state.rounds[one.van] || []).filter((job) => board.jobs[job]).map((job) => ({ job }));
      board.unplanned = Object.keys(board.jobs).filter((job) => !served.has(job)).map((job) => ({ job, reason: "" }));
      const { moved, added, dropped } = state.changes;
      await changed();
      say.textContent = `${texts.found} ${moved} ${texts.moved}, ${added} ${texts.added}, ${dropped} ${texts.dropped}.`;
    };
    byId("ms-board-plan").addEventListener("click", async () => {
      const plan = await attempt(() => post(told.plan));
      if (!plan) return;
      say.textContent = `${texts.planning} ${plan.number}`;
      byId("ms-board-progress").hidden = false;
      timer = window.setTimeout(() => follow(plan.url), 500);
      drawFindings();
    });

    // --- play the day ----------------------------------------------------------------------------------------
    const slider = byId("ms-board-time"), clock = byId("ms-board-clock"), play = byId("ms-board-play");
    let playing = null;
    const prepare = () => {
      const driven = board.rounds.filter((one) => one.calls.length && one.departs_s !== undefined);
      slider.min = Math.min(...driven.map((one) => one.departs_s), 86400);
      slider.max = Math.max(...driven.map((one) => one.returns_s), 0);
      slider.disabled = play.disabled = !driven.length;
    };
    const at = (one, now) => {
      let [before, here] = [one.departs_s, board.warehouse];
      for (const call of one.calls) {
        const there = board.jobs[call.job];
        if (now < call.arrives_s) return [here, there, (now - before) / Math.max(1, call.arrives_s - before)];
        if (now < call.leaves_s) return [there, there, 0];
        [before, here] = [call.leaves_s, there];
      }
      return [here, board.warehouse, Math.min(1, (now - before) / Math.max(1, one.returns_s - before))];
    };
    const frame = () => {
      const now = Number(slider.value);
      clock.textContent = `${String(Math.floor(now / 3600)).padStart(2, "0")}:${String(Math.floor((now % 3600) / 60)).padStart(2, "0")}`;
      for (const old of map.querySelectorAll(".ms-map-van")) old.remove();
      board.rounds.forEach((one, index) => {
        if (one.departs_s === undefined || now < one.departs_s || now > one.returns_s) return;
        const [from, to, share] = at(one, now);
        const [a, b] = [project(from.lat, from.lon), project(to.lat, to.lon)];
        draw("circle", { cx: a[0] + (b[0] - a[0]) * share, cy: a[1] + (b[1] - a[1]) * share, r: 13, stroke: colour(index), class: "ms-map-van" }, map);
      });
    };
    const halt = () => { window.clearInterval(playing); playing = null; play.textContent = texts.play; };
    slider.addEventListener("input", frame);
    play.addEventListener("click", () => {
      if (playing !== null) { halt(); return; }
      if (Number(slider.value) >= Number(slider.max)) slider.value = slider.min;
      play.textContent = texts.pause;
      playing = window.setInterval(() => {
        slider.value = Number(slider.value) + 120;
        frame();
        if (Number(slider.value) >= Number(slider.max)) halt();
      }, 60);
    });
    window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
    show();
  });
})();
