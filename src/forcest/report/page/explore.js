"use strict";
(() => {
  const holder = document.getElementById("data");
  if (!holder) return;
  const data = JSON.parse(holder.textContent);
  const LEAST = 100; // effective draws below which no number is shown
  const $ = (id) => document.getElementById(id);
  const SVG = "http://www.w3.org/2000/svg";
  const days = data.dates.map((d) => Date.parse(d + "T00:00:00Z"));
  const unpacked = {};
  const off = new Set();

  function curve(name) {
    if (!unpacked[name]) {
      const bytes = Uint8Array.from(atob(data.curves[name]), (c) => c.charCodeAt(0));
      const view = new DataView(bytes.buffer);
      unpacked[name] = Float64Array.from({ length: bytes.length / 2 }, (_, i) => Math.expm1(view.getUint16(2 * i, true) / data.step));
    }
    return unpacked[name];
  }

  // Importance weights of the draws when the claims of the sources switched off do not count.
  function weights() {
    const logs = new Float64Array(data.draws);
    data.sources.forEach((s, k) => { if (off.has(k)) s.fit.forEach((x, i) => { logs[i] -= x; }); });
    const top = Math.max(...logs);
    const w = logs.map((x) => Math.exp(x - top));
    const sum = w.reduce((a, b) => a + b, 0);
    return w.map((x) => x / sum);
  }

  function quantiles(name, at, w, probs) {
    const values = curve(name);
    const n = data.dates.length;
    const order = Array.from({ length: data.draws }, (_, i) => i).sort((a, b) => values[a * n + at] - values[b * n + at]);
    const found = [];
    let k = 0, total = 0;
    for (const p of probs) {
      while (k < order.length - 1 && total + w[order[k]] < p) { total += w[order[k]]; k += 1; }
      found.push(values[order[k] * n + at]);
    }
    return found;
  }

  const PROBS = [0.05, 0.25, 0.5, 0.75, 0.95];
  const count = (x) => Math.round(x).toLocaleString("en-GB");
  const plain = (i) => new Date(days[i]).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

  function element(name, attributes, text) {
    const e = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
    if (text !== undefined) e.textContent = text;
    return e;
  }

  function draw(name, bands, all, at, claims) {
    const W = 720, H = 320, L = 70, R = 12, T = 12, B = 34;
    const top = 1.05 * Math.max(1, ...claims.map((c) => c.value), ...(bands || [all.map((x) => [0, 0, x, 0, x])].flat()).map((q) => q[4]), ...all);
    const x = (t) => L + (W - L - R) * (t - days[0]) / Math.max(1, days[days.length - 1] - days[0]);
    const y = (v) => H - B - (H - T - B) * Math.min(v, top) / top;
    const plot = $("plot");
    plot.replaceChildren();
    const raw = top / 4, power = 10 ** Math.floor(Math.log10(raw));
    const tick = power * [1, 2, 5, 10].find((m) => m * power >= raw);
    for (let v = 0; v <= top; v += tick) {
      plot.append(element("line", { class: "axis", x1: L, x2: W - R, y1: y(v), y2: y(v) }));
      plot.append(element("text", { x: L - 8, y: y(v) + 4, "text-anchor": "end" }, count(v)));
    }
    data.dates.forEach((d, i) => {
      if (i === 0 || d.slice(0, 7) !== data.dates[i - 1].slice(0, 7)) {
        const month = new Date(days[i]).toLocaleDateString("en-GB", { month: "short", timeZone: "UTC" });
        const label = i === 0 || d.slice(5, 7) === "01" ? month + " " + d.slice(0, 4) : month;
        if (x(days[i]) < W - 60) plot.append(element("text", { x: x(days[i]), y: H - 12 }, label));
      }
    });
    const area = (a, b) => "M" + bands.map((q, i) => x(days[i]).toFixed(1) + "," + y(q[a]).toFixed(1)).join("L")
      + "L" + bands.map((q, i) => x(days[i]).toFixed(1) + "," + y(q[b]).toFixed(1)).reverse().join("L") + "Z";
    const line = (values) => "M" + values.map((v, i) => x(days[i]).toFixed(1) + "," + y(v).toFixed(1)).join("L");
    if (bands) {
      plot.append(element("path", { class: "wide", d: area(0, 4) }), element("path", { class: "narrow", d: area(1, 3) }));
      plot.append(element("path", { class: "median", d: line(bands.map((q) => q[2])) }));
    }
    if (off.size) plot.append(element("path", { class: "all", d: line(all) }));
    plot.append(element("line", { class: "at", x1: x(days[at]), x2: x(days[at]), y1: T, y2: H - B }));
    for (const c of claims) {
      const mark = element("circle", { class: "claim", cx: x(Date.parse(c.date + "T00:00:00Z")), cy: y(c.value), r: 4.5 });
      mark.append(element("title", {}, `${c.date}: ${c.claimed} (${c.source}, ${c.id})`));
      plot.append(mark);
    }
  }

  function show() {
    const name = $("measure").value, at = Number($("date").value);
    const label = data.measures.find((m) => m.name === name).label;
    const even = new Float64Array(data.draws).fill(1 / data.draws);
    const w = off.size ? weights() : even;
    const effective = 1 / w.reduce((a, b) => a + b * b, 0);
    const reliable = effective >= LEAST;
    const all = data.dates.map((_, i) => quantiles(name, i, even, [0.5])[0]);
    const bands = reliable ? data.dates.map((_, i) => quantiles(name, i, w, PROBS)) : null;
    const gone = new Set([...off].map((k) => data.sources[k].name));
    const claims = data.claims.filter((c) => c.measure === name && !gone.has(c.source));
    $("when").textContent = plain(at);
    const without = off.size ? `, without ${off.size} source${off.size > 1 ? "s" : ""}` : "";
    $("answer").textContent = reliable
      ? `${label}, ${plain(at)}${without}: median ${count(bands[at][2])}, 90 % from ${count(bands[at][0])} to ${count(bands[at][4])}.`
        + (off.size ? ` With all sources the median is ${count(all[at])}. (${count(effective)} effective draws.)` : "")
      : `${label}, ${plain(at)}${without}: only ${count(effective)} of ${data.draws} draws are left to tell; no number is shown. Fit again without them.`;
    draw(name, bands, all, at, claims);
  }

  for (const m of data.measures) {
    const option = document.createElement("option");
    option.value = m.name;
    option.textContent = m.label;
    $("measure").append(option);
  }
  data.sources.forEach((s, k) => {
    const label = document.createElement("label"), box = document.createElement("input"), text = document.createElement("span");
    box.type = "checkbox";
    box.checked = true;
    box.addEventListener("change", () => { if (box.checked) off.delete(k); else off.add(k); show(); });
    text.textContent = `${s.name} (${s.n})`;
    text.dir = "auto";
    label.append(box, text);
    $("sources").append(label);
  });
  $("date").max = data.dates.length - 1;
  $("date").value = data.dates.findIndex((d) => d >= (data.claims.map((c) => c.date).sort().pop() || d));
  if (Number($("date").value) < 0) $("date").value = data.dates.length - 1;
  $("measure").addEventListener("change", show);
  $("date").addEventListener("input", show);
  $("reset").addEventListener("click", () => {
    off.clear();
    for (const box of $("sources").querySelectorAll("input")) box.checked = true;
    show();
  });
  for (const part of document.querySelectorAll(".needs-script")) part.hidden = false;
  show();
})();
