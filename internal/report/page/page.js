"use strict";
(() => {
  const find = id => document.getElementById(id);

  // Somebody who looks at an old copy should know that it is one.
  const hours = Math.floor((Date.now() - Date.parse(find("made").dateTime)) / 36e5);
  if (hours >= 1) {
    const days = Math.floor(hours / 24);
    const [n, unit] = days > 0 ? [days, "day"] : [hours, "hour"];
    find("age").textContent = `This copy is ${n} ${unit}${n > 1 ? "s" : ""} old. Things may have changed since.`;
    find("age").hidden = false;
  }

  const filter = find("filter");
  if (!filter) return;
  filter.hidden = false;
  const rows = [...document.querySelectorAll("[data-record]")];
  const names = rows.map(row => row.querySelector("th bdi").textContent.toLowerCase());
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
