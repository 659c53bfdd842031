// SPDX-License-Identifier: GPL-3.0-or-later
// Elements, numbers, tables, a chart of bars and CSV, for the pages that show what was used.
(function () {
  "use strict";

  const say = window.maasSay;

  function element(name, attributes, children) {
    const svg = ["svg", "g", "rect", "line", "text", "title"].includes(name);
    const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    Object.entries(attributes || {}).forEach(([key, value]) => made.setAttribute(key, value));
    [].concat(children === undefined ? [] : children).forEach((child) => made.append(child));
    return made;
  }
  function number(value) { return value === null || value === undefined ? "–" : Number(value).toLocaleString(window.maasLanguage); }
  function short(value) { return value >= 1e6 ? value / 1e6 + "M" : value >= 1e4 ? value / 1e3 + "k" : number(value); }

  // A time in milliseconds, as UTC.
  function iso(time) { return new Date(time).toISOString().replace(".000Z", "Z"); }
  function label(time, by) {
    const text = iso(time);
    return by === "month" ? text.slice(0, 7) : by === "day" ? text.slice(0, 10) : text.slice(0, 10) + " " + text.slice(11, 16);
  }

  // Steps of 1, 2 or 5 times a power of ten, about four of them up to the highest value.
  function ticks(most) {
    const rough = Math.max(most, 4) / 4;
    const power = Math.pow(10, Math.floor(Math.log10(rough)));
    const size = Math.max(1, [1, 2, 5, 10].find((one) => one * power >= rough) * power);
    return Array.from({ length: Math.ceil(most / size) + 1 || 1 }, (_, place) => place * size);
  }

  // Bars of several series upon each other, as wide as the place, so that words keep their size on a phone.
  function chart(place, chosen, series, title) {
    const width = Math.max(280, place.clientWidth), height = 260, left = 48, bottom = 26, top = 10;
    const sums = chosen.times.map((_, at) => series.reduce((sum, one) => sum + (one.values[at] || 0), 0));
    const marks = ticks(Math.max(0, ...sums));
    const most = marks[marks.length - 1] || 1;
    const slot = (width - left) / chosen.times.length;
    const bar = Math.max(1, Math.min(64, slot - 2));
    const y = (value) => top + (height - top - bottom) * (1 - value / most);
    const total = sums.reduce((sum, value) => sum + value, 0);
    const words = say("chart", { what: title, period: say("by_" + chosen.by), count: number(total), since: label(chosen.times[0], chosen.by), until: label(chosen.times[chosen.times.length - 1], chosen.by) });
    const drawn = element("svg", { viewBox: "0 0 " + width + " " + height, width, height, role: "img", "aria-label": words, class: "usage-chart" });
    marks.forEach((value) => {
      drawn.append(element("line", { x1: left, x2: width, y1: y(value), y2: y(value), class: "grid-line" }));
      drawn.append(element("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, short(value)));
    });
    const every = Math.ceil(chosen.times.length / Math.max(2, Math.floor(width / 120)));
    chosen.times.forEach((time, at) => {
      const middle = left + (at + 0.5) * slot;
      const spoken = label(time, chosen.by).slice(chosen.by === "month" ? 0 : 5);
      const wide = spoken.length * 3.5; // half of it, in the chart's letters
      if (at % every === 0) { drawn.append(element("text", { x: Math.min(middle, width - wide), y: height - 6, "text-anchor": "middle" }, spoken)); }
      let below = 0;
      series.forEach((one, colour) => {
        const value = one.values[at] || 0;
        if (!value) { return; }
        const shape = element("rect", { x: middle - bar / 2, width: bar, y: y(below + value), height: Math.max(1, y(below) - y(below + value)), class: "series series-" + colour % 6 });
        shape.append(element("title", {}, one.name + ", " + label(time, chosen.by) + ": " + number(value)));
        drawn.append(shape);
        below += value;
      });
    });
    const legend = element("ul", { class: "legend" }, series.map((one, colour) => element("li", {}, [element("span", { class: "swatch series-" + colour % 6, "aria-hidden": "true" }), " " + one.name])));
    place.replaceChildren(drawn, legend);
  }

  function table(head, rows, caption) {
    return element("table", { class: "usage" }, [
      element("caption", { class: "quiet-text" }, caption),
      element("thead", {}, element("tr", {}, head.map((text) => element("th", { scope: "col", class: text.number ? "number" : "" }, text.text || text)))),
      element("tbody", {}, rows.map((row) => element("tr", {}, row.map((cell, place) => element(place ? "td" : "th", Object.assign(place ? {} : { scope: "row" }, cell.attributes || {}), cell.content === undefined ? cell : cell.content)))))
    ]);
  }
  const digits = (value, attributes) => ({ content: number(value), attributes: Object.assign({ class: "number" }, attributes) });
  const counted = (text) => ({ text, number: true });

  // A name that a spreadsheet would take for a formula gets an apostrophe.
  function field(value) {
    const text = typeof value === "number" ? String(value) : String(value).replace(/^[=+\-@\t\r]/, "'$&");
    return /[",\n\r]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }

  function download(lines, name) {
    const blob = new Blob([lines.map((line) => line.map(field).join(",")).join("\r\n") + "\r\n"], { type: "text/csv" });
    const link = element("a", { href: URL.createObjectURL(blob), download: name });
    document.body.append(link);
    link.click();
    link.remove();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  window.maasDraw = { element, number, iso, label, chart, table, digits, counted, download };
})();
