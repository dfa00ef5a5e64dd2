// The query editor: the project's questions as tabs, prefixes and terms from this service, and no request to anybody else.
"use strict";
(async () => {
  const editor = document.getElementById("editor"), endpoint = location.origin + "/sparql";
  const sparql = async (file) => {
    const query = await (await fetch("/static/" + file)).text();
    const response = await fetch(endpoint, { method: "POST", body: new URLSearchParams({ query }), headers: { Accept: "application/sparql-results+json" } });
    return response.ok ? (await response.json()).results.bindings.map((row) => row.term.value) : [];
  };
  const known = {};
  const offer = (name, like, file) => Yasgui.Yasqe.registerAutocompleter({
    ...Yasgui.Yasqe.Autocompleters?.[like], name, bulk: true, persistenceId: null, autoShow: false, get: () => (known[name] ||= sparql(file)),
    isValidCompletionPosition: (yasqe) => { const token = yasqe.getCompleteToken(); return token.string.length > 0 && !/^[?$"']/.test(token.string); },
    preProcessToken: (yasqe, token) => whole(yasqe, token),
    postProcessSuggestion: (yasqe, token, iri) => token.tokenPrefix && token.tokenPrefixUri ? token.tokenPrefix + iri.slice(token.tokenPrefixUri.length) : "<" + iri + ">",
  }, true);
  const whole = (yasqe, token) => {
    const prefixes = yasqe.getPrefixesFromQuery(), colon = token.string.indexOf(":");
    let text = token.string.replace(/^</, "").replace(/>$/, "");
    if (!token.string.startsWith("<") && colon >= 0) {
      token.tokenPrefix = token.string.slice(0, colon + 1);
      token.tokenPrefixUri = prefixes[token.string.slice(0, colon)];
      if (token.tokenPrefixUri) text = token.tokenPrefixUri + token.string.slice(colon + 1);
    }
    token.autocompletionString = text;
    return token;
  };
  const Yasgui = window.Yasgui;
  let gui = null;
  // Why a query was refused: the sentence of the problem document, and a way to its place.
  const refusal = async (summary) => {
    const tabs = Object.values(gui?._tabs ?? {});
    const tab = tabs.find((one) => one.getYasr()?.results?.getError() === summary);
    let problem;
    try { problem = JSON.parse(summary.text); } catch { return undefined; }
    if (typeof problem?.detail !== "string") return undefined;
    const shown = document.createElement("div"), sentence = document.createElement("p");
    sentence.setAttribute("role", "alert");
    sentence.textContent = problem.detail;
    shown.append(sentence);
    if (tab && problem.line && problem.column) {
      const place = document.createElement("button"), yasqe = tab.getYasqe();
      place.type = "button";
      place.textContent = "Show the place";
      place.addEventListener("click", () => {
        yasqe.setCursor(problem.line - 1, problem.column - 1);
        yasqe.focus();
      });
      shown.append(place);
    }
    return shown;
  };
  Yasgui.Yasr.defaults.errorRenderers = [refusal];
  Yasgui.Yasqe.defaults.autocompleters = [];
  offer("terms", "class", "terms-in-use.rq");
  const completers = ["prefixes", "variables", "terms"], prefixes = await (await fetch("/query/prefixes.json")).json();
  localStorage.removeItem("nextstudy_query_config");
  const request = { endpoint, method: "POST", acceptHeaderGraph: "text/turtle", corsProxy: undefined };
  const yasgui = gui = new Yasgui(editor, {
    requestConfig: request, copyEndpointOnNewTab: true, autofocus: false, persistenceId: null, populateFromUrl: true, autoAddOnInit: false,
    endpointCatalogueOptions: { getData: () => [{ endpoint }], keys: ["endpoint"] },
    yasqe: { autocompleters: completers, prefixCcApi: "/query/prefixes.json", persistenceId: null, requestConfig: request, createShortLink: undefined },
    yasr: { prefixes, persistenceId: null },
  });
  const names = { ".CodeMirror textarea": "SPARQL query", ".tableSizer": "Rows on a page", ".tableFilter": "Filter the rows" };
  const mend = () => { // what the editor leaves without a name or out of the keyboard's reach
    for (const [what, name] of Object.entries(names)) for (const element of editor.querySelectorAll(what)) element.setAttribute("aria-label", name);
    for (const element of editor.querySelectorAll(".CodeMirror-scroll[tabindex='-1']")) element.tabIndex = 0;
  };
  new MutationObserver(mend).observe(editor, { childList: true, subtree: true });
  const open = (name, text) => {
    const tab = yasgui.addTab(true, { name, requestConfig: request });
    tab.setQuery(text);
    return tab;
  };
  const linked = Object.keys(yasgui._tabs).length > 0;
  const first = linked ? [] : JSON.parse(editor.dataset.tabs).map((q) => open(q.name.replaceAll("-", " "), q.text));
  if (first.length) yasgui.selectTabId(first[0].getId());
  document.getElementById("open").addEventListener("click", () => {
    const chosen = document.getElementById("question").selectedOptions[0];
    open(chosen.value.replaceAll("-", " "), chosen.dataset.text);
  });
  window.yasgui = yasgui;
})();
