"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (id) => document.getElementById(id);
  const fold = (text) => text.normalize("NFC").toLowerCase();

  // Search: whatever does not hold all the words is hidden; a document is found by any of its lines.
  const query = one("query"), site = one("site"), reason = one("reason");
  const texts = new Map();
  const textOf = (element) => {
    if (!texts.has(element)) {
      const document_ = element.dataset.document && one(element.dataset.document);
      texts.set(element, fold(element.textContent + (document_ ? " " + document_.textContent : "")));
    }
    return texts.get(element);
  };
  const filter = () => {
    const words = fold(query.value).split(/\s+/).filter(Boolean);
    const holds = (element) => words.every((word) => textOf(element).includes(word));
    const set = (element, shown) => element.toggleAttribute("data-missed", !shown);
    const parts = all("[data-find]");
    parts.forEach((element) => set(element, holds(element)));
    const rows = all(".list li");
    rows.forEach((row) => set(row, holds(row)
      && (!site.value || row.dataset.site === site.value)
      && (!reason.value || row.dataset.reasons.split(" ").includes(reason.value))));
    const count = (elements) => elements.filter((element) => !element.hasAttribute("data-missed")).length;
    one("shown").textContent = `${count(rows)} of ${rows.length} shown`;
    document.body.classList.toggle("searching", words.length > 0);
    one("hits").textContent = words.length
      ? `In ${count(rows)} of the sampled documents and ${count(parts)} other places; all else is hidden.` : "";
  };
  if (query) {
    [query, site, reason].forEach((field) => field.addEventListener("input", filter));
    filter();
  }

  // A document opened by its link starts at its top and can be left with Escape.
  const arrive = () => {
    const opened = document.querySelector(".doc:target");
    if (opened) { opened.focus({ preventScroll: true }); window.scrollTo(0, 0); }
  };
  window.addEventListener("hashchange", arrive);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.querySelector(".doc:target")) location.hash = "#documents";
  });
  arrive();

  // Decisions against a verdict, to be taken along as a file.
  const chosen = () => all('.choose[aria-pressed="true"]');
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".choose");
    if (!button) return;
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    one("chosen").textContent = chosen().length;
    one("tray").hidden = !chosen().length;
  });
  const write = () => chosen()
    .map((button) => JSON.stringify({ ...JSON.parse(button.dataset.mark), why: one("why").value }) + "\n")
    .join("");
  one("tray").addEventListener("submit", (event) => event.preventDefault());
  one("download").addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([write()], { type: "application/jsonl" }));
    link.download = "decant.marks.jsonl";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
})();
