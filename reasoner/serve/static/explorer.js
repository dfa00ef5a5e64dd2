// The little that the pages do by themselves: the answer follows the form, a record can be dropped, copies are copied.
"use strict";
const byId = (id) => document.getElementById(id);
const announce = (text) => { const status = byId("status"); if (status) status.textContent = text; };
const part = { headers: { Accept: "text/html" } };

function show(html) {
  const answer = byId("answer");
  answer.hidden = false;
  answer.innerHTML = html;
  answer.classList.remove("busy");
  const fields = answer.querySelector("template[data-fields]");
  if (fields) { renew(byId("asked"), fields.content); fields.remove(); }
  const outcome = answer.querySelector(".outcome, .note, .start");
  announce(outcome ? outcome.textContent : "");
}

function renew(asked, fields) { // the fields of the topic, where they are others than before
  const names = (part) => [...part.querySelectorAll("select, input")].map((field) => field.id + field.name + (field.type === "hidden" ? field.value : "")).join(" ");
  if (!asked || names(asked) === names(fields)) return;
  const focus = document.activeElement?.id, open = byId("further")?.open;
  asked.replaceChildren(fields);
  if (open && byId("further")) byId("further").open = true;
  if (focus) byId(focus)?.focus();
}

function follow(form) {
  let timer, running, waiting = false;
  const chosen = () => {
    const pairs = new URLSearchParams(new FormData(form));
    const beside = { result: "study", label: "device", severity: "allergy" };
    const rows = { study: pairs.getAll("study"), device: pairs.getAll("device"), allergy: pairs.getAll("allergy") };
    const filled = new URLSearchParams(), counts = {};
    for (const [name, value] of pairs) {
      const place = (counts[name] = (counts[name] || 0) + 1) - 1;
      if (beside[name] ? rows[beside[name]][place] : value) filled.append(name, value);
    }
    return filled.toString();
  };
  const ask = async () => {
    running?.abort();
    waiting = false;
    running = new AbortController();
    byId("answer").classList.add("busy");
    const query = chosen();
    try {
      const response = await fetch("/patient/answer?" + query, { ...part, signal: running.signal });
      const html = await response.text();
      if (waiting) return; // something else was chosen meanwhile
      show(html);
      history.replaceState(null, "", "/patient" + (query ? "?" + query : ""));
    } catch (error) {
      if (error.name !== "AbortError") { byId("answer").classList.remove("busy"); announce("The service does not answer."); }
    }
  };
  form.addEventListener("input", (event) => {
    grow(event.target.closest("[data-rows]"));
    clearTimeout(timer);
    waiting = true;
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
    announce("Reading the record.");
    try {
      const response = await fetch("/drop?part", { method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } });
      if (response.headers.get("content-type")?.startsWith("text/html")) show(await response.text());
      else throw new Error((await response.json()).detail);
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
    announce("Copied.");
    setTimeout(() => { button.textContent = words; }, 1500);
  } catch { if (button.href) location.href = button.href; else byId(button.dataset.copy).select(); }
}

if (byId("patient")) follow(byId("patient"));
for (const form of document.querySelectorAll("[data-drop]")) accept(form);
document.addEventListener("click", copy);
