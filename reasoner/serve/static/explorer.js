// The little that the pages do by themselves: the answer follows the form, a record can be dropped, copies are copied, proofs are drawn.
"use strict";
const byId = (id) => document.getElementById(id);
const say = (text) => { const status = byId("status"); if (status) status.textContent = text; };
const part = { headers: { Accept: "text/html" } };

function show(html) {
  const answer = byId("answer");
  answer.hidden = false;
  answer.innerHTML = html;
  answer.classList.remove("busy");
  const outcome = answer.querySelector(".outcome, .note, .start");
  say(outcome ? outcome.textContent : "");
  draw(answer);
}

function follow(form) {
  let timer, running;
  const chosen = () => {
    const pairs = new URLSearchParams(new FormData(form));
    const beside = { result: "study", label: "device", severity: "allergy" };
    const rows = { study: pairs.getAll("study"), device: pairs.getAll("device"), allergy: pairs.getAll("allergy") };
    const kept = new URLSearchParams(), seen = {};
    for (const [name, value] of pairs) {
      const place = (seen[name] = (seen[name] || 0) + 1) - 1;
      if (beside[name] ? rows[beside[name]][place] : value) kept.append(name, value);
    }
    return kept.toString();
  };
  const ask = async () => {
    running?.abort();
    running = new AbortController();
    byId("answer").classList.add("busy");
    const query = chosen();
    try {
      const found = await fetch("/patient/answer?" + query, { ...part, signal: running.signal });
      const html = await found.text();
      show(html);
      history.replaceState(null, "", "/patient" + (query ? "?" + query : ""));
    } catch (error) {
      if (error.name !== "AbortError") { byId("answer").classList.remove("busy"); say("The service does not answer."); }
    }
  };
  form.addEventListener("input", (event) => {
    grow(event.target.closest("[data-rows]"));
    clearTimeout(timer);
    timer = setTimeout(ask, 200);
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(timer); ask(); });
}

function grow(rows) { // there is always one empty row more
  if (!rows) return;
  const last = rows.lastElementChild, count = rows.children.length;
  if (!last.querySelector("select").value || count >= 12) return;
  const next = last.cloneNode(true);
  for (const select of next.querySelectorAll("select")) {
    const label = select.previousElementSibling;
    select.id = select.id.replace(/\d+$/, count);
    label.htmlFor = select.id;
    label.textContent = label.textContent.replace(/\d+$/, count + 1);
    select.value = "";
  }
  rows.append(next);
}

function accept(form) {
  const send = async (file) => {
    byId("answer").classList.add("busy");
    say("Reading the record.");
    try {
      const found = await fetch("/drop?part", { method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } });
      if (found.headers.get("content-type")?.startsWith("text/html")) show(await found.text());
      else throw new Error((await found.json()).detail);
    } catch (error) {
      byId("answer").classList.remove("busy");
      byId("answer").hidden = false;
      byId("answer").textContent = "The record was not read. " + (error.message || "");
    }
    byId("answer").scrollIntoView();
  };
  const stop = (event) => { if (event.dataTransfer?.types.includes("Files")) { event.preventDefault(); form.classList.toggle("over", event.type === "dragover"); } };
  addEventListener("dragover", stop);
  addEventListener("dragleave", stop);
  addEventListener("drop", (event) => { stop(event); const file = event.dataTransfer?.files[0]; if (file) send(file); });
  form.addEventListener("submit", (event) => { event.preventDefault(); const file = form.querySelector("input[type=file]").files[0]; if (file) send(file); });
}

async function copy(event) {
  const button = event.target.closest("[data-copy]");
  if (!button || !navigator.clipboard || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const text = button.href ? await (await fetch(button.href)).text() : byId(button.dataset.copy).value;
  const words = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    say("Copied.");
    setTimeout(() => { button.textContent = words; }, 1500);
  } catch { if (button.href) location.href = button.href; else byId(button.dataset.copy).select(); }
}

const PAINT = { "usually-appropriate": ["#e3f4e8", "#17683a"], "may-be-appropriate": ["#fff4d1", "#7a5200"], "may-be-appropriate-disagreement": ["#fff4d1", "#7a5200"], "usually-not-appropriate": ["#fde8e6", "#a3231f"] };
const KIND = { fact: ["#eef2f5", "#53646f"], criterion: ["#e4f0f6", "#14506b"], scenario: ["#14506b", "#14506b"], flag: ["#fff", "#a3231f"], alert: ["#fff4d1", "#7a5200"], assumption: ["#fff", "#53646f"], step: ["#e4f0f6", "#14506b"] };
const WIDE = 185, GAP = 14, STRIDE = 228;

function tall(text) { return 18 + 15 * Math.ceil(text.length / 27); }

function draw(root) {
  if (!window.cytoscape) return;
  for (const box of root.querySelectorAll("[data-graph]")) {
    const graph = JSON.parse(box.dataset.graph), columns = {};
    for (const node of graph.nodes) (columns[node.column] ||= []).push(node);
    const used = Object.keys(columns).sort(), heights = used.map((c) => columns[c].reduce((sum, n) => sum + tall(n.text) + GAP, 0));
    const high = Math.max(...heights, 120), elements = [];
    used.forEach((column, place) => {
      let y = (high - heights[place]) / 2;
      for (const node of columns[column]) {
        const height = tall(node.text), [fill, ink] = PAINT[node.category] || KIND[node.kind] || KIND.fact;
        elements.push({ data: { ...node, fill, ink, color: node.kind === "scenario" ? "#fff" : "#1b2a33", height }, classes: node.kind, position: { x: place * STRIDE, y: y + height / 2 } });
        y += height + GAP;
      }
    });
    for (const [source, target] of graph.edges) elements.push({ data: { source, target } });
    box.style.minWidth = Math.min(used.length * STRIDE, 820) + "px";
    box.style.height = "200px";
    const scale = Math.min(1, (box.clientWidth - 20) / (used.length * STRIDE));
    box.style.height = Math.max(140, high * scale + 30) + "px";
    cytoscape({
      container: box, elements, layout: { name: "preset", fit: true, padding: 10 }, userZoomingEnabled: false, userPanningEnabled: false, autoungrabify: true, boxSelectionEnabled: false,
      style: [
        { selector: "node", style: { shape: "round-rectangle", width: WIDE, height: "data(height)", label: "data(text)", "text-wrap": "wrap", "text-max-width": WIDE - 14, "font-size": 12, "font-family": "system-ui, sans-serif",
          "text-valign": "center", "text-halign": "center", "background-color": "data(fill)", "border-width": 1.5, "border-color": "data(ink)", color: "data(color)" } },
        { selector: ".assumption", style: { "border-style": "dashed" } },
        { selector: ".flag", style: { "border-width": 2.5 } },
        { selector: "edge", style: { width: 1.4, "line-color": "#a9b8c1", "target-arrow-color": "#a9b8c1", "target-arrow-shape": "triangle", "curve-style": "bezier", "arrow-scale": 0.8 } },
        { selector: ".faint", style: { opacity: 0.2 } },
      ],
    }).on("tap", "node", (event) => {
      const shown = event.target.union(event.target.predecessors()).union(event.target.successors());
      event.cy.elements().addClass("faint");
      shown.removeClass("faint");
    }).on("tap", (event) => { if (event.target === event.cy) event.cy.elements().removeClass("faint"); });
  }
}

if (byId("patient")) follow(byId("patient"));
for (const form of document.querySelectorAll("[data-drop]")) accept(form);
document.addEventListener("click", copy);
draw(document);
