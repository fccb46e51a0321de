/// What pages need beside their text.
enum Assets {
  static let style = """
    :root { color-scheme: light dark; --text: #1b1f24; --dim: #59636e; --ground: #fff; --panel: #f6f8fa; --line: #d1d9e0;
      --link: #0550ae; --right: #116329; --wrong: #a40e26; --notice: #7d4e00; }
    @media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --dim: #9aa4af; --ground: #0d1117; --panel: #161b22;
      --line: #3d444d; --link: #79b8ff; --right: #56d364; --wrong: #ff8a80; --notice: #e3b341; } }
    * { box-sizing: border-box; }
    body { margin: 0; font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; color: var(--text); background: var(--ground); }
    header { display: flex; gap: 1.5rem; align-items: baseline; padding: .6rem 1rem; border-bottom: 1px solid var(--line); }
    nav { display: flex; gap: 1rem; }
    #connection { margin-left: auto; color: var(--notice); }
    main { max-width: 76rem; margin: 0 auto; padding: 1rem; }
    h1 { font-size: 1.5rem; margin: .2rem 0; overflow-wrap: anywhere; }
    h2 { font-size: 1.1rem; margin: 1.6rem 0 .5rem; }
    h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; }
    a { color: var(--link); }
    a[aria-current] { color: var(--text); text-decoration: none; font-weight: 600; }
    :focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
    .skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; background: var(--ground); }
    code, pre, .facts, data { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .93em; }
    pre { padding: .8rem; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; }
    dl { display: flex; flex-wrap: wrap; gap: .4rem 1.6rem; margin: .6rem 0; }
    dt { color: var(--dim); font-size: .85em; } dd { margin: 0; overflow-wrap: anywhere; }
    .table { overflow-x: auto; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
    caption { text-align: left; color: var(--dim); font-size: .85em; padding-bottom: .2rem; white-space: nowrap; }
    th, td { text-align: left; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
    th { color: var(--dim); font-weight: 500; font-size: .85em; }
    .number { text-align: right; }
    .measures { display: flex; flex-wrap: wrap; gap: .4rem 2rem; }
    .measure { display: grid; grid-template-columns: auto auto; column-gap: .8rem; }
    .measure data { text-align: right; font-size: 1.3rem; } .measure span { align-self: end; color: var(--dim); }
    meter { grid-column: span 2; width: 15rem; max-width: 100%; }
    .figures { display: flex; flex-wrap: wrap; gap: 1rem; } figure { margin: 0; max-width: 100%; }
    figure svg { max-width: 100%; height: auto; }
    .warnings { list-style: none; padding: 0; margin: .8rem 0; }
    .warnings li { padding: .5rem .8rem; border-left: 4px solid var(--notice); background: var(--panel); margin: .4rem 0; }
    .warnings .problem { border-color: var(--wrong); }
    .right, .state.up, .phase.training, .phase.finished { color: var(--right); }
    .wrong, .state.down { color: var(--wrong); } .state.suspect, .phase.waiting, .phase.asking { color: var(--notice); }
    .tree { display: flex; flex-wrap: wrap; gap: 0 3rem; } .tree > div { flex: 2 1 24rem; } .tree aside { flex: 1 1 14rem; }
    .tree ul { list-style: none; padding-left: 1.3rem; margin: .2rem 0; } .tree > div > ul { padding-left: 0; }
    .tree li { margin: .15rem 0; overflow-wrap: anywhere; } .tree li > .node { padding-left: 1rem; }
    .by, small { color: var(--dim); font-size: .85em; }
    .facts { display: flex; flex-wrap: wrap; gap: .1rem 1rem; padding: 0 !important; }
    form { display: flex; flex-wrap: wrap; gap: .6rem 1.2rem; align-items: center; margin: .6rem 0; }
    button, select, input { font: inherit; }
    .neighbours { display: flex; flex-wrap: wrap; gap: 1rem; }
    .question { font-size: 1.3rem; margin: .6rem 0; }
    .problem { padding: .5rem .8rem; border-left: 4px solid var(--wrong); background: var(--panel); }
    label > input { margin-left: .3rem; }
    #line { width: 22rem; max-width: 100%; font-family: ui-monospace, "DejaVu Sans Mono", monospace; }
    #check.fine { color: var(--right); } #check.bad, #check.doubtful { color: var(--notice); } #check.unfinished { color: var(--dim); }
    .nodes .number { display: inline-block; min-width: 1.6rem; color: var(--dim); }
    .nodes button { font-size: .8em; }
    .depth1 { padding-left: 1.5rem; } .depth2 { padding-left: 3rem; } .depth3 { padding-left: 4.5rem; }
    .depth4 { padding-left: 6rem; } .depth5 { padding-left: 7.5rem; } .depth6 { padding-left: 9rem; }
    .depth7, .depth8 { padding-left: 10.5rem; }
    form details { flex: 1 1 100%; }
    @media print { header, .neighbours { display: none; } }
    """

  /// Keeps live pages as they are on the server, and helps with trees. Without it, everything can be read.
  static let script = """
    "use strict";
    const main = document.querySelector("main[data-live]");
    const connection = document.getElementById("connection");

    // Changes only what differs, so that links, selections and what was unfolded stay.
    function patch(old, fresh) {
      if (old.isEqualNode(fresh)) return;
      if (old.nodeName !== fresh.nodeName) { old.replaceWith(fresh.cloneNode(true)); return; }
      if (old.nodeType === Node.TEXT_NODE) { old.data = fresh.data; return; }
      for (const { name } of [...(old.attributes ?? [])])
        if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
      for (const { name, value } of fresh.attributes ?? [])
        if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
      const [was, now] = [[...old.childNodes], [...fresh.childNodes]];
      now.forEach((node, index) => index < was.length ? patch(was[index], node) : old.append(node.cloneNode(true)));
      was.slice(now.length).forEach(node => node.remove());
    }

    function show(text) {
      const fresh = main.cloneNode(false);
      fresh.innerHTML = text;
      patch(main, fresh);
    }

    function listen() {
      const events = new EventSource("/events?page=" + encodeURIComponent(main.dataset.live));
      events.onopen = () => { connection.textContent = ""; };
      events.onmessage = event => show(JSON.parse(event.data));
      events.onerror = () => {
        connection.textContent = "The coordinator does not answer; trying again …";
        if (events.readyState !== EventSource.CLOSED) return;
        events.close();
        setTimeout(listen, 1000);
      };
    }
    if (main) listen();

    for (const button of document.querySelectorAll("button[data-unfold]")) {
      button.hidden = false;
      button.onclick = () => {
        for (const node of document.querySelectorAll(".tree details")) node.open = button.dataset.unfold === "true";
      };
    }
    // The desk: what a line would mean is said while it is typed.
    const line = document.getElementById("line");
    const check = document.getElementById("check");
    let typed = 0;
    line?.addEventListener("input", async () => {
      const mine = ++typed;
      if (!line.value.trim()) { check.textContent = ""; return; }
      const answer = await fetch("/desk/check?text=" + encodeURIComponent(line.value)).catch(() => null);
      if (!answer?.ok || mine !== typed) return;
      const { state, says, completions } = await answer.json();
      check.textContent = says;
      check.className = state;
      document.getElementById("forms").replaceChildren(...completions.map(value => Object.assign(document.createElement("option"), { value })));
    });
    line?.setSelectionRange(line.value.length, line.value.length);
    const lease = document.getElementById("lease");
    if (lease) {
      const until = Date.now() + 1000 * lease.dataset.seconds;
      setInterval(() => {
        const left = Math.round((until - Date.now()) / 1000);
        lease.textContent = left > 0 ? `for ${left} s` : "no longer, if somebody else asks for it";
      }, 1000);
    }
    const grace = document.getElementById("grace");
    if (grace) setInterval(() => { grace.textContent = Math.max(0, grace.textContent - 1); }, 1000);
    const idle = document.getElementById("idle");
    if (idle) setInterval(async () => {
      const answer = await fetch(idle.dataset.poll, { headers: { Accept: "application/json" } }).catch(() => null);
      connection.textContent = answer ? "" : "The coordinator does not answer; trying again …";
      if (answer?.ok && (await answer.json()).item) location.reload();
    }, 1000);
    document.addEventListener("keydown", event => {
      if (event.altKey || event.ctrlKey || event.metaKey || /INPUT|SELECT/.test(event.target.tagName)) return;
      const relation = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
      if (relation) document.querySelector(`a[rel="${relation}"]`)?.click();
    });
    """
}
