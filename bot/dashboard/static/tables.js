// Long tables in pages, with a filter by words and by the values of some columns. Without it all rows are shown.
"use strict";
(() => {
  const ROWS = 25;
  let number = 0;

  function element(name, properties = {}, children = []) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  function wordsOf(cell) {
    return cell.textContent.replace(/^[●▲◆○\s]+/, "").trim();
  }

  function equip(table, choices) {
    const rows = [...table.tBodies[0].rows].map((row) => ({ row, text: row.textContent.toLowerCase() }));
    const about = table.caption.textContent;
    const id = `filter-${(number += 1)}`;
    const search = element("input", { type: "search", id, autocomplete: "off", spellcheck: false });
    const bar = element("div", { className: "filter" }, [element("label", { htmlFor: id, textContent: "Filter" }), search]);
    const selects = choices.map(([column, name, values]) => {
      const select = element("select", { id: `${id}-${column}` }, [
        element("option", { value: "", textContent: "any" }),
        ...values.map((value) => element("option", { value, textContent: value })),
      ]);
      bar.append(element("label", { htmlFor: select.id, textContent: name }), select);
      return { column, select };
    });
    const told = element("p", { className: "told" });
    told.setAttribute("role", "status");
    const before = element("button", { type: "button", textContent: "Previous" });
    const after = element("button", { type: "button", textContent: "Next" });
    const pager = element("div", { className: "pager" }, [before, told, after]);
    pager.setAttribute("role", "group");
    pager.setAttribute("aria-label", `Pages of: ${about}`);
    const place = table.closest(".scroll");
    place.before(bar);
    place.after(pager);
    let page = 0;

    function show() {
      const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const found = rows.filter(({ row, text }) =>
        wanted.every((word) => text.includes(word)) &&
        selects.every(({ column, select }) => !select.value || wordsOf(row.cells[column]) === select.value));
      const pages = Math.max(1, Math.ceil(found.length / ROWS));
      page = Math.min(page, pages - 1);
      const shown = new Set(found.slice(page * ROWS, (page + 1) * ROWS).map(({ row }) => row));
      for (const { row } of rows) row.hidden = !shown.has(row);
      const first = found.length ? page * ROWS + 1 : 0;
      told.textContent = `${first} to ${Math.min((page + 1) * ROWS, found.length)} of ${found.length}`;
      pager.hidden = rows.length <= ROWS && found.length === rows.length;
      before.disabled = page === 0;
      after.disabled = page >= pages - 1;
    }

    const anew = () => { page = 0; show(); };
    search.addEventListener("input", anew);
    for (const { select } of selects) select.addEventListener("change", anew);
    before.addEventListener("click", () => { page -= 1; show(); });
    after.addEventListener("click", () => { page += 1; show(); });
    table.classList.remove("long");
    show();
  }

  for (const block of document.querySelectorAll("script.choices")) {
    equip(document.getElementById(block.dataset.for), JSON.parse(block.textContent));
  }
})();
