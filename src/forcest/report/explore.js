"use strict";
(function () {
  const box = document.getElementById("explore");
  const data = JSON.parse(document.getElementById("explore-data").textContent);
  const slider = document.getElementById("explore-date");
  const shown = document.getElementById("explore-shown");
  const body = document.getElementById("explore-body");
  const status = document.getElementById("explore-status");
  const choices = Array.from(document.querySelectorAll("[data-source]"));

  // Without a source, a draw counts in proportion to one over the likelihood of that source's claims.
  function weights() {
    const n = data.curves[0].draws[0].length;
    const logs = new Array(n).fill(0);
    for (const choice of choices) {
      if (choice.checked) continue;
      data.sources[Number(choice.dataset.source)].log_likelihood.forEach(function (x, i) { logs[i] -= x; });
    }
    const top = logs.reduce(function (a, b) { return Math.max(a, b); }, -Infinity);
    const raw = logs.map(function (x) { return Math.exp(x - top); });
    const sum = raw.reduce(function (a, b) { return a + b; }, 0);
    return raw.map(function (x) { return x / sum; });
  }

  function quantile(draws, w, p) {
    const order = draws.map(function (_, i) { return i; }).sort(function (a, b) { return draws[a] - draws[b]; });
    let passed = 0;
    for (const i of order) {
      passed += w[i];
      if (passed >= p) return draws[i];
    }
    return draws[order[order.length - 1]];
  }

  function show() {
    const day = Number(slider.value);
    const w = weights();
    const effective = 1 / w.reduce(function (a, x) { return a + x * x; }, 0);
    const off = choices.filter(function (c) { return !c.checked; }).length;
    const refused = off > 0 && effective < data.min_effective;
    shown.textContent = data.dates[day];
    slider.setAttribute("aria-valuetext", data.dates[day]);
    body.replaceChildren();
    for (const curve of data.curves) {
      const row = document.createElement("tr");
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = curve.label;
      row.append(head);
      [0.5, 0.05, 0.95].forEach(function (p, i) {
        const cell = document.createElement("td");
        cell.className = "n";
        const number = off === 0 ? curve.spans[day][i] : quantile(curve.draws[day], w, p);
        cell.textContent = refused ? "–" : number.toLocaleString("en-US");
        row.append(cell);
      });
      body.append(row);
    }
    const n = Math.floor(effective) + " effective draws of " + w.length;
    status.textContent = off === 0 ? "All sources are included." : refused
      ? "Not shown: only " + n + ", too few for an estimate without these sources. Refit without them."
      : "Without " + off + (off === 1 ? " source: " : " sources: ") + n + " on this page. This is an approximation by reweighting, not a new fit.";
  }

  slider.addEventListener("input", show);
  for (const choice of choices) choice.addEventListener("change", show);
  box.hidden = false;
  document.getElementById("explore-without").hidden = true;
  show();
})();
