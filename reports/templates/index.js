// Search, sort, filter and compare on the index page. Without it the page is still a full list.
(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const byCode = Object.fromEntries(data.rows.map((row) => [row.code, row]));
  const body = document.querySelector("#tabel tbody");
  const rows = [...body.rows];
  const search = document.getElementById("cari");
  const filter = document.getElementById("saring");
  const count = document.getElementById("jumlah");
  const empty = document.getElementById("kosong");
  const collator = new Intl.Collator(document.documentElement.lang, { sensitivity: "base", numeric: true });
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9]/g, "");

  document.querySelector("form.tools").hidden = false;
  document.getElementById("pembanding").hidden = data.rows.filter((row) => row.page).length < 2;

  function show() {
    const wanted = plain(search.value);
    let shown = 0;
    for (const row of rows) {
      const fits = plain(row.dataset.name + row.dataset.code).includes(wanted) &&
        (!filter.value || row.dataset.word === filter.value);
      row.hidden = !fits;
      shown += fits ? 1 : 0;
      for (const tile of document.querySelectorAll(`.map [data-code="${row.dataset.code}"]`)) {
        tile.classList.toggle("dim", !fits);
      }
    }
    count.textContent = data.words.found.replace("{jumlah}", shown);
    empty.hidden = shown > 0;
  }

  function sortBy(heading) {
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = heading.dataset.key;
    const sign = down ? -1 : 1;
    rows.sort((a, b) => {
      const x = a.dataset[key], y = b.dataset[key];
      if (x === "" || y === "") return (x === "") - (y === ""); // no figure: always last
      const order = key === "name" || key === "word" ? collator.compare(x, y) : Number(x) - Number(y);
      return sign * order || collator.compare(a.dataset.name, b.dataset.name);
    });
    body.append(...rows);
  }

  for (const heading of document.querySelectorAll("#tabel th[data-key]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => sortBy(heading));
  }
  search.addEventListener("input", show);
  filter.addEventListener("change", show);

  const top = Math.max(...data.rows.map((row) => row.high || 0), 0.01);
  function card(row) {
    const box = document.createElement("article");
    box.className = "card";
    const heading = document.createElement("h3");
    const link = document.createElement("a");
    link.href = row.page;
    link.textContent = row.name;
    heading.append(link);
    const value = document.createElement("p");
    value.className = "value";
    value.textContent = row.estimate_text;
    const lines = [row.interval_text, row.stunted_text && `${data.words.balita}: ${row.stunted_text}`, `${row.sign} ${row.word_text}`];
    box.append(heading, value);
    if (row.low !== null && row.high !== null) {
      const bar = document.createElement("div");
      bar.className = "bar";
      bar.setAttribute("aria-hidden", "true");
      bar.style.setProperty("--low", `${(100 * row.low) / top}%`);
      bar.style.setProperty("--width", `${(100 * (row.high - row.low)) / top}%`);
      bar.style.setProperty("--at", `${(100 * row.estimate) / top}%`);
      bar.append(document.createElement("i"), document.createElement("b"));
      box.append(bar);
    }
    for (const line of lines.filter(Boolean)) {
      const text = document.createElement("p");
      text.textContent = line;
      box.append(text);
    }
    return box;
  }

  const choices = ["banding-a", "banding-b"].map((id) => document.getElementById(id));
  function compare() {
    const chosen = choices.map((choice) => byCode[choice.value]).filter(Boolean);
    document.getElementById("hasil").replaceChildren(...chosen.map(card));
  }
  for (const choice of choices) choice.addEventListener("change", compare);
  show();
})();
