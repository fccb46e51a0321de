extension Assets {
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
      for (const lines of document.querySelectorAll(".lines")) if (zooms.has(lines)) zoom(lines, zooms.get(lines));
    }

    // Diagrams: the values under the pointer are said, and what is drawn over is shown larger; a double click shows all.
    const zooms = new WeakMap();
    const short = value => Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en") : String(+value.toPrecision(3));

    function zoom(lines, box) {
      const [width, height] = [lines.width.baseVal.value, lines.height.baseVal.value];
      const [first, last, top] = lines.parentNode.dataset.values.split(" ").map(Number);
      const [x, y, w, h] = box ?? [0, 0, width, height];
      if (box) zooms.set(lines, box); else zooms.delete(lines);
      lines.setAttribute("viewBox", [x, y, w, h].join(" "));
      lines.setAttribute("overflow", box ? "hidden" : "visible");
      for (const label of lines.parentNode.querySelectorAll("text[class]")) {
        label.dataset.was ??= label.textContent;
        const value = label.classList.contains("x")
          ? first + (x + label.x.baseVal[0].value / width * w) / width * (last - first)
          : (1 - (y + (label.y.baseVal[0].value - 4) / height * h) / height) * top;
        label.textContent = box ? short(value) : label.dataset.was;
      }
    }

    function place(lines, event) {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(lines.getScreenCTM().inverse());
      return [point.x, point.y];
    }

    function near(line, x) {
      return [...line.points].reduce((best, point) => Math.abs(point.x - x) < Math.abs(best.x - x) ? point : best);
    }

    const tip = Object.assign(document.createElement("div"), { className: "tip", hidden: true });
    let start = null;
    document.addEventListener("pointermove", event => {
      const lines = event.target.closest?.(".lines");
      const plot = lines?.closest("[data-values]");
      tip.hidden = !plot;
      if (!plot) return;
      const [first, last, top] = plot.dataset.values.split(" ").map(Number);
      const [width, height] = [lines.width.baseVal.value, lines.height.baseVal.value];
      const found = [...lines.querySelectorAll("polyline")].filter(line => line.points.numberOfItems)
        .map(line => [line.textContent, near(line, place(lines, event)[0])]);
      if (!found.length) { tip.hidden = true; return; }
      const unit = plot.closest("figure").dataset.x ?? "";
      tip.textContent = [short(first + found[0][1].x / width * (last - first)) + " " + unit,
        ...found.map(([name, { y }]) => short((1 - y / height) * top) + "  " + name)].join("\\n");
      const figure = plot.closest("figure");
      figure.append(tip);
      const box = figure.getBoundingClientRect();
      const left = event.clientX - box.left;
      tip.style.left = (left > box.width / 2 ? left - tip.offsetWidth - 12 : left + 12) + "px";
      tip.style.top = event.clientY - box.top + 12 + "px";
    });
    document.addEventListener("pointerdown", event => {
      const lines = event.target.closest?.("[data-values] .lines");
      if (!lines || event.pointerType === "touch" || event.button !== 0) return;
      event.preventDefault();
      start = { lines, from: place(lines, event) };
    });
    document.addEventListener("pointerup", event => {
      if (!start) return;
      const { lines, from: [x, y] } = start;
      const [toX, toY] = place(lines, event);
      start = null;
      const box = [Math.min(x, toX), Math.min(y, toY), Math.abs(toX - x), Math.abs(toY - y)];
      if (box[2] > 4 && box[3] > 4) zoom(lines, box);
    });
    document.addEventListener("dblclick", event => {
      const lines = event.target.closest?.("[data-values] .lines");
      if (lines) zoom(lines, null);
    });

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
      if (answer?.ok && (await answer.json()).item) location.assign(idle.dataset.poll);
    }, 1000);
    document.addEventListener("keydown", event => {
      if (event.altKey || event.ctrlKey || event.metaKey || /INPUT|SELECT/.test(event.target.tagName)) return;
      const relation = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
      if (relation) document.querySelector(`a[rel="${relation}"]`)?.click();
    });
    """
}
