"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { columns, rows, texts, runs } = data.decisions;
  const at = Object.fromEntries(columns.map((name, place) => [name, place]));
  const by = (id) => document.getElementById(id);
  const PAGE = 50;

  // Everything from a log goes in as text, never as markup.
  const made = (tag, text, look) => {
    const element = document.createElement(tag);
    if (text !== undefined && text !== null) element.textContent = text;
    if (look) element.className = look;
    return element;
  };
  const button = (text, look, act) => {
    const element = made("button", text, look);
    element.type = "button";
    element.addEventListener("click", act);
    return element;
  };

  // -- parts of the page as tabs -------------------------------------------------------------------------------
  const tabs = [...document.querySelectorAll("[role=tab]")];
  const parts = tabs.map((tab) => by(tab.getAttribute("aria-controls")));
  const show = (id, push) => {
    const found = parts.some((part) => part.id === id) ? id : parts[0].id;
    tabs.forEach((tab, n) => {
      const on = parts[n].id === found;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      parts[n].hidden = !on;
      if (on) tab.scrollIntoView({ block: "nearest", inline: "center" });
    });
    if (push && location.hash !== "#" + found) history.replaceState(null, "", "#" + found);
  };
  tabs.forEach((tab, n) => {
    parts[n].setAttribute("role", "tabpanel");
    tab.addEventListener("click", () => { show(parts[n].id, true); window.scrollTo(0, 0); });
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = (n + step + tabs.length) % tabs.length;
      show(parts[next].id, true);
      tabs[next].focus();
    });
  });
  document.querySelector(".tabs").hidden = false;
  window.addEventListener("hashchange", () => show(location.hash.slice(1), false));

  // -- decisions -----------------------------------------------------------------------------------------------
  const text = (key) => (key === null ? null : key < 0 ? "(left out to keep the page small)" : texts[key]);
  const person = (row) => {
    const name = runs[row[at.run]].names[row[at.agent]];
    return name ? `${name} (${row[at.agent]})` : String(row[at.agent]);
  };
  const value = (row) => row[at.value] ?? row[at.detail] ?? "";
  const indexed = new Array(rows.length);
  const words = (n) => {
    if (indexed[n] === undefined) {
      const row = rows[n];
      indexed[n] = [runs[row[at.run]].told, person(row), row[at.purpose], row[at.by], row[at.status], value(row), text(row[at.facts]),
        text(row[at.prompt]), text(row[at.reply])].join("\n").toLowerCase();
    }
    return indexed[n];
  };
  const choices = (select, all, options) => {
    select.append(new Option(all, ""), ...options.map(([key, told]) => new Option(told, key)));
  };
  const different = (column) => [...new Set(rows.map((row) => row[at[column]]))].sort().map((name) => [name, name]);
  choices(by("of-run"), "all", runs.map((run, n) => [n, run.told]));
  choices(by("of-purpose"), "all", different("purpose"));
  choices(by("of-status"), "all", different("status"));

  let found = [];
  let page = 0;
  const steps = () => {
    const [first, last] = by("of-step").value.split("-").map((one) => one.trim());
    if (!first) return [-Infinity, Infinity];
    return [Number(first), last ? Number(last) : Number(first)];
  };
  const look = () => {
    const wanted = by("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const run = by("of-run").value, purpose = by("of-purpose").value, status = by("of-status").value;
    const [first, last] = steps();
    found = [];
    rows.forEach((row, n) => {
      if (run !== "" && row[at.run] !== Number(run)) return;
      if (purpose && row[at.purpose] !== purpose) return;
      if (status && row[at.status] !== status) return;
      if (!(row[at.step] >= first && row[at.step] <= last)) return;
      if (wanted.length && !wanted.every((word) => words(n).includes(word))) return;
      found.push(n);
    });
    page = 0;
    draw();
  };

  const body = document.querySelector("#table tbody");
  const draw = () => {
    body.replaceChildren();
    for (const n of found.slice(page * PAGE, (page + 1) * PAGE)) body.append(line(n));
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    by("count").textContent = `${found.length} of the ${rows.length} decisions on this page`;
    by("page").textContent = `page ${page + 1} of ${pages}`;
    by("back").disabled = page === 0;
    by("on").disabled = page >= pages - 1;
  };
  const line = (n) => {
    const row = rows[n];
    const tr = made("tr", null, "row");
    const first = made("td");
    const opener = button(runs[row[at.run]].told, "open", (event) => { event.stopPropagation(); open(tr, n, opener); });
    opener.setAttribute("aria-expanded", "false");
    first.append(opener);
    tr.append(first, made("td", row[at.step], "n"), made("td", person(row)), made("td", row[at.purpose]),
      made("td", row[at.by]), made("td", row[at.status], row[at.status] === "ok" ? "" : "silent"),
      made("td", value(row), "answer"));
    tr.addEventListener("click", () => open(tr, n, opener));
    return tr;
  };
  const open = (tr, n, opener) => {
    if (tr.nextSibling && tr.nextSibling.className === "more") {
      tr.nextSibling.remove();
      opener.setAttribute("aria-expanded", "false");
      return;
    }
    const more = made("tr", null, "more");
    const cell = made("td");
    cell.colSpan = 7;
    const whole = made("div", null, "whole");
    fill(whole, rows[n]);
    cell.append(whole);
    more.append(cell);
    tr.after(more);
    opener.setAttribute("aria-expanded", "true");
  };
  const block = (cell, heading, content, look) => {
    if (content === null || content === undefined || content === "") return;
    cell.append(made("h4", heading));
    const pre = made("pre", content, look);
    pre.dir = "auto";
    cell.append(pre);
  };
  const fill = (cell, row) => {
    const how = [`log ${runs[row[at.run]].log}`, `step ${row[at.step]}, turn ${row[at.turn]}, draw ${row[at.draw]}`,
      `answered by ${row[at.by]} (${row[at.source]})`];
    if (row[at.choice]) how.push(`choice: ${row[at.choice]}`);
    if (row[at.flags]) how.push(`flags: ${row[at.flags]}`);
    if (row[at.attempts]) how.push(`${row[at.attempts]} requests`);
    if (row[at.tokens_in] !== null) how.push(`${row[at.tokens_in]} tokens in, ${row[at.tokens_out]} out`);
    if (row[at.cost] !== null) how.push(`${row[at.cost].toPrecision(3)} USD`);
    if (row[at.latency] !== null) how.push(`${row[at.latency].toPrecision(3)} s`);
    cell.append(made("p", how.join(" · "), "small"));
    for (const [heading, content] of prompt(text(row[at.prompt]))) block(cell, heading, content, "prompt");
    if (row[at.prompt] === null) cell.append(made("p", "No prompt was sent: a rule decided, from the facts below.", "small"));
    block(cell, "Reply, as received", text(row[at.reply]), "reply");
    block(cell, row[at.status] === "ok" ? "Answer" : `No answer: ${row[at.status]}`, value(row), "value");
    block(cell, "Facts the decision could rest on", pretty(text(row[at.facts])), "facts");
    block(cell, "Settings of the model", pretty(text(row[at.settings])), "settings");
  };
  const pretty = (json) => {
    if (json === null) return null;
    try { return JSON.stringify(JSON.parse(json), null, 1); } catch { return json; }
  };
  const prompt = (sent) => {
    if (sent === null) return [];
    try {
      return JSON.parse(sent).map((message) => [`Prompt (${message.role})`,
        typeof message.content === "string" ? message.content : JSON.stringify(message.content, null, 1)]);
    } catch { return [["Prompt", sent]]; }
  };

  let waiting;
  by("filters").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(look, 120); });
  by("filters").addEventListener("reset", () => setTimeout(look));
  by("filters").addEventListener("submit", (event) => { event.preventDefault(); look(); });
  by("back").addEventListener("click", () => { page -= 1; draw(); });
  by("on").addEventListener("click", () => { page += 1; draw(); });

  // -- from a number down --------------------------------------------------------------------------------------
  const down = (run) => {
    by("filters").reset();
    by("of-run").value = String(run);
    show("decisions", true);
    look();
    window.scrollTo(0, 0);
    by("of-run").focus();
  };
  document.querySelectorAll("button.drill").forEach((number) => number.addEventListener("click", () => {
    const { measure, arm, point } = number.dataset;
    const box = by("behind");
    const list = made("ul");
    for (const [run, own] of data.values[measure] ?? []) {
      if (runs[run].arm !== arm || runs[run].point !== point) continue;
      const item = made("li", `${runs[run].told}: `);
      item.append(button(own === null ? "-" : own.toPrecision(4), "drill", () => down(run)));
      list.append(item);
    }
    box.replaceChildren(made("p", `${measure} in arm ${arm}${point && ` (${point})`}, run by run; a number leads to the decisions of its run.`), list);
    box.hidden = false;
    box.scrollIntoView({ block: "nearest" });
  }));

  for (const id of ["filters", "table"]) by(id).hidden = false;
  document.querySelector(".pages").hidden = false;
  look();
  show(location.hash.slice(1), false);
  document.documentElement.dataset.ready = "yes";
})();
