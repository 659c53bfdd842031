// SPDX-License-Identifier: GPL-3.0-or-later
// The usage page: what the statistics tell a signed-in developer, as chart, tables, limits and CSV.
(function () {
  "use strict";

  const root = document.querySelector("[data-usage]");
  const say = window.maasSay;
  if (!root) { return; }
  const form = root.querySelector("[data-choice]");
  const note = root.querySelector("[data-note]");
  const HOUR = 3600e3;
  const DAY = 24 * HOUR;
  const AT_ONCE = 4; // requests to the portal at a time
  const MANY = 20; // with more applications, only what is shown is asked for
  const MEASURES = ["hits", "total_tokens", "prompt_tokens", "completion_tokens"].map((name) => [name, say(name)]);
  const CODES = ["2XX", "4XX", "5XX"]; // in small letters the answer is always 0

  const plans = new Map(Array.from(root.querySelectorAll("[data-plan]"), (item) => [item.dataset.plan, {
    plan: item.querySelector("strong").textContent,
    model: item.dataset.model,
    metrics: item.dataset.metrics.split(" ").filter(Boolean),
    prices: Array.from(item.querySelectorAll("[data-prices] > [data-metric]"), (price) => ({
      metric: price.dataset.metric, from: Number(price.dataset.min) || 1, to: Number(price.dataset.max) || Infinity,
      cost: amount(price.querySelector("[data-cost]").textContent), money: price.querySelector("[data-cost]").textContent
    })),
    limits: Array.from(item.querySelectorAll("[data-limit]"), (limit) => ({
      value: Number(limit.dataset.limit), period: limit.dataset.period, metric: limit.dataset.metric, title: limit.textContent
    }))
  }]));
  const applications = Array.from(root.querySelectorAll("[data-application]"), (item) => Object.assign({
    id: item.dataset.application,
    name: item.querySelector("a").textContent,
    url: item.querySelector("a").getAttribute("href")
  }, plans.get(item.dataset.of)));
  function amount(text) { return Number(text.replace(/[^0-9.]/g, "")) || 0; } // as the server writes it: a currency, digits

  // --- asking -------------------------------------------------------------------------------------------------------
  let running = 0;
  const waiting = [];
  function inTurn(work) {
    return new Promise((resolve, reject) => {
      waiting.push(() => work().then(resolve, reject).finally(() => { running -= 1; next(); }));
      next();
    });
  }
  function next() {
    while (running < AT_ONCE && waiting.length) { running += 1; waiting.shift()(); }
  }

  // The statistics of one application; null where it has no such metric.
  function ask(application, kind, query) {
    const address = "/stats/api/applications/" + encodeURIComponent(application.id) + "/" + kind + ".json?" +
      new URLSearchParams(Object.assign({ timezone: "UTC", skip_change: "true" }, query));
    return inTurn(() => fetch(address, { credentials: "same-origin", headers: { Accept: "application/json" } }).then((answer) => {
      if (answer.status === 400 || answer.status === 404) { return null; }
      if (!answer.ok) { throw new Error("HTTP " + answer.status); }
      return answer.json();
    }));
  }

  // --- time, always UTC ---------------------------------------------------------------------------------------------
  function floor(time, by) {
    const at = new Date(time);
    if (by === "month" || by === "year") { return Date.UTC(at.getUTCFullYear(), by === "year" ? 0 : at.getUTCMonth()); }
    if (by === "week") { return floor(time, "day") - ((at.getUTCDay() + 6) % 7) * DAY; }
    return Math.floor(time / (by === "hour" ? HOUR : by === "minute" ? 60e3 : DAY)) * (by === "hour" ? HOUR : by === "minute" ? 60e3 : DAY);
  }
  function step(time, by, count) {
    const at = new Date(time);
    if (by === "month") { return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + count); }
    if (by === "year") { return Date.UTC(at.getUTCFullYear() + count, 0); }
    return time + count * { minute: 60e3, hour: HOUR, day: DAY, week: 7 * DAY }[by];
  }
  function earliest(until) { return step(floor(until, "month"), "month", -118); } // the server answers for ten years
  function iso(time) { return new Date(time).toISOString().replace(".000Z", "Z"); }
  function label(time, by) {
    const text = iso(time);
    return by === "month" ? text.slice(0, 7) : by === "day" ? text.slice(0, 10) : text.slice(0, 10) + " " + text.slice(11, 16);
  }

  // What is chosen: since and until in milliseconds, and the length of an interval.
  function range() {
    const now = Date.now();
    const wanted = form.range.value;
    let since = { day: floor(now - 23 * HOUR, "hour"), week: floor(now - 6 * DAY, "day"), month: floor(now - 29 * DAY, "day"), year: step(floor(now, "month"), "month", -11) }[wanted];
    let until = now;
    if (wanted === "own") {
      until = Math.min(now, (Date.parse(form.to.value + "T00:00:00Z") || now) + DAY - 1000);
      since = Math.max(earliest(until), Date.parse(form.from.value + "T00:00:00Z") || floor(now - 6 * DAY, "day"));
      if (until < since) { until = since + DAY - 1000; }
    }
    const days = (until - since) / DAY;
    const fits = { hour: days <= 31, day: days >= 1 && days < 365, month: days > 31 };
    Array.from(form.by.options).forEach((option) => { option.disabled = !fits[option.value]; });
    if (!fits[form.by.value]) { form.by.value = ["hour", "day", "month"].find((by) => fits[by]); }
    const by = form.by.value;
    since = floor(since, by);
    const times = [];
    for (let time = since; time <= until; time = step(time, by, 1)) { times.push(time); }
    return { since, until, by, times };
  }

  // --- showing ------------------------------------------------------------------------------------------------------
  function element(name, attributes, children) {
    const svg = ["svg", "g", "rect", "line", "text", "title"].includes(name);
    const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    Object.entries(attributes || {}).forEach(([key, value]) => made.setAttribute(key, value));
    [].concat(children === undefined ? [] : children).forEach((child) => made.append(child));
    return made;
  }
  function number(value) { return value === null || value === undefined ? "–" : Number(value).toLocaleString(window.maasLanguage); }
  function short(value) { return value >= 1e6 ? value / 1e6 + "M" : value >= 1e4 ? value / 1e3 + "k" : number(value); }

  // Steps of 1, 2 or 5 times a power of ten, about four of them up to the highest value.
  function ticks(most) {
    const rough = Math.max(most, 4) / 4;
    const power = Math.pow(10, Math.floor(Math.log10(rough)));
    const size = Math.max(1, [1, 2, 5, 10].find((one) => one * power >= rough) * power);
    return Array.from({ length: Math.ceil(most / size) + 1 || 1 }, (_, place) => place * size);
  }

  function chart(chosen, series, title) {
    const width = 720, height = 260, left = 56, bottom = 34, top = 10;
    const sums = chosen.times.map((_, place) => series.reduce((sum, one) => sum + (one.values[place] || 0), 0));
    const marks = ticks(Math.max(0, ...sums));
    const most = marks[marks.length - 1] || 1;
    const x = (place) => left + place * (width - left) / chosen.times.length;
    const y = (value) => top + (height - top - bottom) * (1 - value / most);
    const total = sums.reduce((sum, value) => sum + value, 0);
    const words = say("chart", { what: title, period: say("by_" + chosen.by), count: number(total), since: label(chosen.times[0], chosen.by), until: label(chosen.times[chosen.times.length - 1], chosen.by) });
    const drawn = element("svg", { viewBox: "0 0 " + width + " " + height, role: "img", "aria-label": words, class: "usage-chart" });
    marks.forEach((value) => {
      drawn.append(element("line", { x1: left, x2: width, y1: y(value), y2: y(value), class: "grid-line" }));
      drawn.append(element("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, short(value)));
    });
    const every = Math.ceil(chosen.times.length / 6);
    chosen.times.forEach((time, place) => {
      if (place % every === 0) { drawn.append(element("text", { x: x(place) + 2, y: height - 12 }, label(time, chosen.by).slice(chosen.by === "month" ? 0 : 5))); }
      let below = 0;
      series.forEach((one, colour) => {
        const value = one.values[place] || 0;
        if (!value) { return; }
        const bar = element("rect", { x: x(place) + 1, width: Math.max(1, x(place + 1) - x(place) - 2), y: y(below + value), height: Math.max(1, y(below) - y(below + value)), class: "series series-" + colour % 6 });
        bar.append(element("title", {}, one.name + ", " + label(time, chosen.by) + ": " + number(value)));
        drawn.append(bar);
        below += value;
      });
    });
    const legend = element("ul", { class: "legend" }, series.map((one, colour) => element("li", {}, [element("span", { class: "swatch series-" + colour % 6, "aria-hidden": "true" }), " " + one.name])));
    root.querySelector("[data-chart]").replaceChildren(drawn, legend);
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

  // --- limits: what is used since the period began, which the backend counts by the clock of UTC ---------------------
  function limits(chosen) {
    const place = root.querySelector("[data-limits]");
    const now = Date.now();
    const cards = chosen.slice(0, MANY).map((application) => {
      const list = element("ul", { class: "plain" }, application.limits.map((limit) => limitItem(application, limit, now)));
      return element("div", { class: "card" }, [
        element("h3", { class: "card-title plain-title" }, element("a", { href: application.url }, application.name)),
        element("p", { class: "quiet-text" }, application.model + ", " + application.plan),
        application.limits.length ? list : element("p", {}, say("no_limits")),
        ...(application.prices.length ? [cost(application, now)] : [])
      ]);
    });
    place.replaceChildren(...cards);
    if (chosen.length > MANY) { place.append(element("p", { class: "quiet-text" }, say("choose"))); }
  }

  // What a month's calls cost so far: each unit by the price that its number in the month has.
  function cost(application, now) {
    const told = element("p", { "data-cost-of": application.id }, "");
    const span = { since: iso(floor(now, "month")), until: iso(floor(now, "minute")), granularity: "day" };
    const metrics = Array.from(new Set(application.prices.map((price) => price.metric)));
    Promise.all(metrics.map((metric) => ask(application, "usage", Object.assign({ metric_name: metric }, span)))).then((found) => {
      const sums = metrics.map((metric, place) => application.prices.filter((price) => price.metric === metric).reduce((sum, price) =>
        sum + price.cost * Math.max(0, Math.min(Number((found[place] || {}).total || 0), price.to) - price.from + 1), 0));
      const currency = application.prices[0].money.replace(/[0-9.,\s]/g, "");
      const total = sums.reduce((sum, one) => sum + one, 0).toLocaleString(window.maasLanguage, { minimumFractionDigits: 2, maximumFractionDigits: 4 });
      told.textContent = say("cost", { count: (currency + " " + total).trim() });
    }).catch(refused);
    return told;
  }

  function limitItem(application, limit, now) {
    const ever = limit.period === "eternity";
    const given = { count: number(limit.value), what: limit.title, period: ever ? "" : say("by_" + limit.period) };
    const words = say(ever ? "in_all" : "per", given);
    const told = element("span", { class: "limit-used" });
    const item = element("li", { "data-metric": limit.metric }, [element("strong", {}, limit.value ? words : say("closed", { what: limit.title })), element("br"), told]);
    if (!limit.value) { return item; }
    const since = ever ? earliest(now) : floor(now, limit.period);
    const anew = ever ? "" : " " + say("anew", { time: label(step(since, limit.period, 1), "hour") });
    if (limit.period === "minute") { told.textContent = say("anew_minute"); return item; }
    const by = { hour: "hour", day: "hour", week: "day", month: "day", year: "month", eternity: "month" }[limit.period];
    ask(application, "usage", { metric_name: limit.metric, since: iso(since), until: iso(floor(now, "minute")), granularity: by }).then((found) => {
      if (!found) { told.textContent = anew.trim(); return; }
      const used = Number(found.total);
      const share = Math.min(100, Math.round(100 * used / limit.value));
      told.append(element("meter", { min: 0, max: limit.value, high: 0.8 * limit.value, value: Math.min(used, limit.value), "aria-label": say("used_label", { what: limit.title }) }));
      told.append(" " + say("used", { count: number(used), share }) + anew);
    }).catch(refused);
    return item;
  }

  // --- the page -----------------------------------------------------------------------------------------------
  let shown = null; // what the CSV holds
  let turn = 0;

  function refused() {
    note.textContent = say("refused");
  }

  function load() {
    const mine = turn += 1;
    const chosen = range();
    const wanted = applications.filter((one) => !form.application.value || one.id === form.application.value);
    const [metric, title] = MEASURES.find((one) => one[0] === form.measure.value);
    root.querySelectorAll("[data-own]").forEach((field) => { field.hidden = form.range.value !== "own"; });
    const span = { since: iso(chosen.since), until: iso(floor(chosen.until, "minute")), granularity: chosen.by };
    const measures = wanted.length > MANY ? [[metric, title]] : MEASURES;
    note.textContent = say("asking");
    waiting.length = 0;
    const asked = wanted.map((application) => Promise.all([
      Promise.all(measures.map((one) => application.metrics.length && !application.metrics.includes(one[0]) ? null : ask(application, "usage", Object.assign({ metric_name: one[0] }, span)))),
      Promise.all(wanted.length > MANY ? [] : CODES.map((code) => ask(application, "usage_response_code", Object.assign({ response_code: code }, span))))
    ]).then(([found, codes]) => ({ application, found, codes })));
    limits(wanted);
    Promise.all(asked).then((rows) => {
      if (mine !== turn) { return; }
      note.textContent = "";
      shown = { chosen, metric, title, rows, at: measures.findIndex((one) => one[0] === metric) };
      draw(shown, measures);
    }).catch(refused);
  }

  function draw(what, measures) {
    const values = (row) => ((row.found[what.at] || {}).values || []).map(Number);
    const models = new Map();
    what.rows.forEach((row) => {
      const sums = models.get(row.application.model) || what.chosen.times.map(() => 0);
      values(row).slice(0, sums.length).forEach((value, place) => { sums[place] += value; });
      models.set(row.application.model, sums);
    });
    const series = Array.from(models, ([name, sums]) => ({ name, values: sums }));
    chart(what.chosen, series, what.title);
    const head = [say("time"), ...series.map((one) => counted(one.name))];
    const lines = what.chosen.times.map((time, place) => [label(time, what.chosen.by), ...series.map((one) => digits(one.values[place]))]);
    root.querySelector("[data-table]").replaceChildren(table(head, lines, say("table", { what: what.title, period: say("by_" + what.chosen.by) })));
    const errors = (row) => row.codes.some((code) => code && Number(code.total)) ? row.codes.slice(1).reduce((sum, code) => sum + Number((code || {}).total || 0), 0) : null;
    const sums = what.rows.map((row) => [
      { content: element("a", { href: row.application.url }, row.application.name) },
      row.application.model,
      ...measures.map((one, place) => digits(row.found[place] ? row.found[place].total : null, { "data-measure": one[0] })),
      ...(row.codes.length ? [digits(errors(row), { "data-measure": "errors" })] : [])
    ]);
    const titles = [say("application"), say("model"), ...measures.map((one) => counted(one[1])), ...(what.rows.some((row) => row.codes.length) ? [counted(say("errors"))] : [])];
    root.querySelector("[data-sums]").replaceChildren(table(titles, sums, say("sums", { since: label(what.chosen.since, "hour"), until: label(what.chosen.until, "hour") })));
  }

  // A name that a spreadsheet would take for a formula gets an apostrophe.
  function field(value) {
    const text = String(value).replace(/^[=+\-@\t\r]/, "'$&");
    return /[",\n\r]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }

  function download() {
    if (!shown) { return; }
    const lines = [["time", "application", "model", "metric", "value"]];
    shown.rows.forEach((row) => {
      const values = (row.found[shown.at] || {}).values || [];
      shown.chosen.times.forEach((time, place) => lines.push([iso(time), row.application.name, row.application.model, shown.metric, values[place] || 0]));
    });
    const blob = new Blob([lines.map((line) => line.map(field).join(",")).join("\r\n") + "\r\n"], { type: "text/csv" });
    const link = element("a", { href: URL.createObjectURL(blob), download: "usage-" + shown.metric + "-" + label(shown.chosen.since, "day") + ".csv" });
    document.body.append(link);
    link.click();
    link.remove();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  applications.forEach((one) => form.application.append(element("option", { value: one.id }, one.name)));
  const asked = new URLSearchParams(window.location.search).get("application");
  if (applications.some((one) => one.id === asked)) { form.application.value = asked; }
  form.addEventListener("change", load);
  form.addEventListener("submit", (event) => event.preventDefault());
  root.querySelector("[data-csv]").addEventListener("click", download);
  load();
})();
