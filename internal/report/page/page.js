"use strict";
(() => {
  const find = id => document.getElementById(id);

  // How long ago something was, is for whoever reads this to know, not for whoever made it.
  const long = ms => {
    const minutes = Math.floor(ms / 6e4);
    const [n, unit] = minutes < 60 ? [minutes, "minute"] : minutes < 1440 ? [Math.floor(minutes / 60), "hour"] : [Math.floor(minutes / 1440), "day"];
    return `${n} ${unit}${n === 1 ? "" : "s"}`;
  };
  const tell = () => {
    for (const e of document.querySelectorAll("[data-ago]")) {
      const past = Date.now() - Date.parse(e.dataset.ago);
      e.hidden = past < 0;
      e.textContent = (past < 6e4 ? "just now" : long(past) + " ago") + (e.nextSibling ? ", " : "");
    }
    // Somebody who looks at an old copy should know that it is one.
    const age = Date.now() - Date.parse(find("made").dateTime);
    find("age").hidden = age < 36e5;
    find("age").textContent = `This copy is ${long(age)} old. Things may have changed since.`;
  };
  tell();
  setInterval(tell, 6e4);

  const filter = find("filter");
  if (!filter) return;
  filter.hidden = false;
  const rows = [...document.querySelectorAll("[data-record]")];
  const names = rows.map(row => `${row.querySelector("bdi").textContent} ${row.dataset.record}`.toLowerCase());
  const parents = [...document.querySelectorAll("#records .card:not(figure), #records > section:not(.overall)")];
  find("wanted").addEventListener("input", event => {
    const wanted = event.target.value.trim().toLowerCase();
    let shown = 0;
    rows.forEach((row, i) => {
      row.hidden = !names[i].includes(wanted);
      shown += !row.hidden;
    });
    for (const parent of parents) parent.hidden = !parent.querySelector("[data-record]:not([hidden])");
    find("shown").textContent = wanted ? `${shown} of ${rows.length} shown` : "";
  });
})();
