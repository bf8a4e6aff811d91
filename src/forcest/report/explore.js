"use strict";
(function () {
  const SVG = "http://www.w3.org/2000/svg";
  const WIDE = 320, HIGH = 150, LEFT = 66, TOP = 8, BOTTOM = 20;
  const find = function (id) { return document.getElementById(id); };
  const data = JSON.parse(find("explore-data").textContent);
  const slider = find("explore-date"), choice = find("explore-view"), interval = find("explore-interval");
  const shown = find("explore-shown"), body = find("explore-body"), panels = find("explore-panels"), status = find("explore-status");
  const sources = Array.from(document.querySelectorAll("[data-source]"));
  const bytes = function (text) { return Uint8Array.from(atob(text), function (c) { return c.charCodeAt(0); }).buffer; };
  const draws = data.draws.map(function (text) {
    return Array.from(new Uint16Array(bytes(text)), function (x) { return Math.expm1(x * data.largest / 65535); });
  });
  const terms = data.sources.map(function (s) {
    return Array.from(new Uint16Array(bytes(s.log_likelihood)), function (x) { return x * s.span / 65535; });
  });
  const orders = new Map();
  const inWords = function (day) {
    return new Date(day).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  };

  // Without a source, a draw counts in proportion to one over the likelihood of that source's claims.
  function weights(off) {
    const logs = new Array(data.n_draws).fill(0);
    for (const source of off) terms[Number(source.dataset.source)].forEach(function (x, i) { logs[i] -= x; });
    const top = logs.reduce(function (a, b) { return Math.max(a, b); }, -Infinity);
    const raw = logs.map(function (x) { return Math.exp(x - top); });
    const sum = raw.reduce(function (a, b) { return a + b; }, 0);
    return raw.map(function (x) { return x / sum; });
  }

  function order(curve, day) {
    const key = curve + " " + day, n = data.n_draws, from = draws[curve];
    if (!orders.has(key)) {
      orders.set(key, Array.from({ length: n }, function (_, i) { return i; })
        .sort(function (a, b) { return from[day * n + a] - from[day * n + b]; }));
    }
    return orders.get(key);
  }

  function quantiles(curve, day, w, wanted) {
    const n = data.n_draws, at = order(curve, day), found = [];
    let passed = 0, k = 0;
    const rising = wanted.slice().sort(function (a, b) { return a - b; });
    for (const i of at) {
      passed += w[i];
      while (k < rising.length && passed >= rising[k]) { found[k] = Math.round(draws[curve][day * n + i]); k += 1; }
    }
    return wanted.map(function (p) { return found[rising.indexOf(p)]; });
  }

  // Median, lower and upper end of every curve on every date of a view; those of all draws unless sources are off.
  function spansOf(view, off, w) {
    const half = (1 - Number(interval.value)) / 2, wanted = [0.5, half, 1 - half];
    const place = wanted.map(function (p) {
      return data.probabilities.findIndex(function (q) { return Math.abs(p - q) < 1e-9; });
    });
    return view.curves.map(function (curve, c) {
      return curve.spans.map(function (all, day) {
        return off.length ? quantiles(c, day, w, wanted) : place.map(function (i) { return all[i]; });
      });
    });
  }

  function node(name, attributes, text) {
    const made = document.createElementNS(SVG, name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function panel(view, curve, spans, day) {
    const times = view.dates.map(function (d) { return Date.parse(d); });
    const top = Math.max(1, Math.max.apply(null, spans.map(function (s) { return s[2]; })));
    const x = function (i) { return LEFT + (WIDE - LEFT - 4) * (times[i] - times[0]) / Math.max(1, times[times.length - 1] - times[0]); };
    const y = function (v) { return HIGH - BOTTOM - (HIGH - BOTTOM - TOP) * v / top; };
    const line = function (k) { return spans.map(function (s, i) { return x(i).toFixed(1) + " " + y(s[k]).toFixed(1); }); };
    const svg = node("svg", { viewBox: "0 0 " + WIDE + " " + HIGH, role: "img", "aria-label": curve.label + " over time" });
    svg.append(node("path", { d: "M" + line(1).join("L") + "L" + line(2).reverse().join("L") + "Z", "class": "band" }));
    svg.append(node("path", { d: "M" + line(0).join("L"), "class": "median" }));
    svg.append(node("line", { x1: x(day), x2: x(day), y1: TOP, y2: HIGH - BOTTOM, "class": "day" }));
    svg.append(node("text", { x: LEFT - 5, y: TOP + 8, "text-anchor": "end" }, top.toLocaleString("en-US")));
    svg.append(node("text", { x: LEFT - 5, y: HIGH - BOTTOM, "text-anchor": "end" }, "0"));
    svg.append(node("text", { x: LEFT, y: HIGH - 5 }, inWords(view.dates[0])));
    svg.append(node("text", { x: WIDE - 4, y: HIGH - 5, "text-anchor": "end" }, inWords(view.dates[view.dates.length - 1])));
    const figure = document.createElement("figure"), caption = document.createElement("figcaption");
    caption.textContent = curve.label;
    figure.append(caption, svg);
    return figure;
  }

  function row(curve, span, refused) {
    const made = document.createElement("tr"), head = document.createElement("th");
    head.scope = "row";
    head.textContent = curve.label;
    made.append(head);
    for (const number of span) {
      const cell = document.createElement("td");
      cell.className = "n";
      cell.textContent = refused ? "–" : number.toLocaleString("en-US");
      made.append(cell);
    }
    return made;
  }

  function words(off, effective, refused) {
    if (choice && choice.value !== "0") return "A scenario: sources cannot be left out of it.";
    if (!off.length) return "All sources are included.";
    const n = Math.floor(effective) + " effective draws of " + data.n_draws;
    if (refused) return "Not shown: only " + n + ", too few for an estimate without these sources. Refit without them.";
    const many = off.length + (off.length === 1 ? " source: " : " sources: ");
    return "Without " + many + n + " on this page. This is an approximation by reweighting, not a new fit.";
  }

  function show() {
    const view = data.views[choice ? Number(choice.value) : 0], isFit = view === data.views[0];
    for (const source of sources) source.disabled = !isFit;
    const off = isFit ? sources.filter(function (s) { return !s.checked; }) : [];
    const w = weights(off), effective = 1 / w.reduce(function (a, p) { return a + p * p; }, 0);
    const refused = off.length > 0 && effective < data.min_effective;
    slider.max = view.dates.length - 1;
    const day = Math.min(Number(slider.value), view.dates.length - 1);
    shown.textContent = inWords(view.dates[day]);
    slider.setAttribute("aria-valuetext", inWords(view.dates[day]));
    const spans = spansOf(view, off, w);
    panels.replaceChildren.apply(panels, refused ? [] : view.curves.map(function (c, i) { return panel(view, c, spans[i], day); }));
    body.replaceChildren.apply(body, view.curves.map(function (c, i) { return row(c, spans[i][day], refused); }));
    status.textContent = words(off, effective, refused);
  }

  slider.addEventListener("input", show);
  if (choice) choice.addEventListener("change", show);
  interval.addEventListener("change", show);
  for (const source of sources) source.addEventListener("change", show);
  find("explore").hidden = false;
  find("explore-without").hidden = true;
  show();
})();
