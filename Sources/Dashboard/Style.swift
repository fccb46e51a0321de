extension Assets {
  /// One look for all pages: a scale of type and of spaces, Okabe and Ito's colours, which those who see colours differently
  /// tell apart, and never a colour alone.
  static let style = """
    :root { color-scheme: light dark; --text: #1b1f24; --dim: #57606a; --ground: #fff; --panel: #f5f7f9; --line: #d5dbe1;
      --link: #0a58a8; --on: #fff; --right: #00664b; --wrong: #a33b00; --notice: #7a5200; --blue: #0072b2; --green: #009e73;
      --orange: #e69f00; --radius: .5rem; }
    @media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --dim: #9aa7b4; --ground: #0f1419; --panel: #171e26;
      --line: #313b46; --link: #7cc0f5; --on: #0f1419; --right: #4fd1a8; --wrong: #ff9d66; --notice: #f0bf4c; --blue: #3aa0dc; }
      figure [stroke="#0072b2"] { stroke: #3aa0dc; } figure [stroke="#555555"] { stroke: #a8b1ba; }
      figure [stroke="#a6761d"] { stroke: #c9983f; } figure [fill="#0072b2"] { fill: #3aa0dc; }
      figure [fill="#555555"] { fill: #a8b1ba; } figure [fill="#a6761d"] { fill: #c9983f; } }
    * { box-sizing: border-box; }
    body { margin: 0; font: 1rem/1.5 system-ui, "DejaVu Sans", sans-serif; color: var(--text); background: var(--ground); }
    header { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: center; padding: .5rem 1.5rem;
      background: var(--panel); border-bottom: 1px solid var(--line); }
    .brand { display: flex; gap: .5rem; align-items: center; font-weight: 700; color: var(--text); text-decoration: none; }
    nav { display: flex; gap: .25rem; }
    nav a { padding: .25rem .75rem; border-radius: var(--radius); text-decoration: none; }
    nav a:hover, nav a[aria-current] { background: var(--ground); }
    a[aria-current] { color: var(--text); font-weight: 600; }
    #connection { margin-left: auto; color: var(--notice); }
    main { max-width: 96rem; margin: 0 auto; padding: 1.5rem; }
    h1 { font-size: 1.75rem; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
    h1 a { color: inherit; text-decoration-color: var(--line); }
    h2 { font-size: 1.125rem; margin: 2rem 0 .75rem; }
    h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
    p { margin: .5rem 0; max-width: 50rem; }
    a { color: var(--link); text-underline-offset: .15em; }
    :focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
    .skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; background: var(--ground); }
    .lead, .by, small, dt, caption, th { color: var(--dim); }
    .lead { margin: .25rem 0 1rem; }
    .by, small, dt, caption, th, figcaption small { font-size: .8125rem; }
    code, pre, .facts, data, time { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .93em; }
    time { white-space: nowrap; }
    pre { margin: .5rem 0; padding: 1rem; background: var(--panel); border: 1px solid var(--line);
      border-radius: var(--radius); overflow-x: auto; font-size: .8125rem; }
    pre.document { white-space: pre-wrap; overflow-wrap: anywhere; max-width: 72rem; line-height: 1.6; }
    summary { cursor: pointer; } section > details > summary { padding: .25rem 0; }
    summary h2 { display: inline; }
    .badge { display: inline-block; padding: .1rem .6rem; border: 1px solid currentColor; border-radius: 1rem;
      font-size: .8125rem; font-weight: 600; line-height: 1.4; vertical-align: middle; white-space: nowrap; }
    h1 .badge { margin: 0 .25rem; } h1 .round { font-size: 1rem; font-weight: 400; color: var(--dim); white-space: nowrap; }

    dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .75rem 1.5rem; margin: 1rem 0; }
    dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
    .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1rem; margin: 1rem 0; }
    .card { padding: .75rem 1rem; background: var(--panel); border: 1px solid var(--line); border-radius: var(--radius); }
    .measure { display: grid; grid-template-columns: auto auto; align-items: baseline; }
    .measure data { text-align: right; font-size: 1.5rem; }
    meter { grid-column: span 2; width: 100%; height: .5rem; border: 0; border-radius: 1rem; background: var(--line);
      overflow: hidden; --of: var(--blue); }
    .amplified meter { --of: var(--green); } .teacher meter { --of: var(--orange); }
    meter::-webkit-meter-bar { background: var(--line); border: 0; border-radius: 1rem; height: .5rem; }
    meter::-webkit-meter-optimum-value { background: var(--of); border-radius: 1rem; }
    meter::-moz-meter-bar { background: var(--of); border-radius: 1rem; }

    .table { overflow-x: auto; margin: .5rem 0; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9375rem; }
    .columns .table table { width: 100%; }
    caption { text-align: left; padding-bottom: .25rem; white-space: nowrap; }
    th, td { text-align: left; padding: .375rem .75rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
    th { font-weight: 500; vertical-align: bottom; } th a { color: inherit; text-decoration: none; } th a:hover { text-decoration: underline; }
    tbody tr:hover { background: var(--panel); }
    td .long { display: block; white-space: normal; min-width: 12rem; }
    th:first-child, td:first-child { padding-left: .25rem; }
    .number { text-align: right; }

    .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 23rem), 1fr)); gap: 1.5rem;
      align-items: end; }
    figure { margin: 0; min-width: 0; max-width: 44rem; position: relative; }
    figcaption { font-weight: 600; font-size: .9375rem; } figcaption small { font-weight: 400; display: block; }
    figure svg { display: block; max-width: 100%; height: auto; } figure > svg { width: 100%; }
    figure .lines { cursor: crosshair; touch-action: pan-y; } .lines * { vector-effect: non-scaling-stroke; }
    .tip { position: absolute; z-index: 1; pointer-events: none; padding: .5rem .75rem; font-size: .8125rem; white-space: pre;
      background: var(--ground); border: 1px solid var(--line); border-radius: var(--radius); box-shadow: 0 2px 8px #0003; }
    .columns { display: grid; gap: 0 3rem; }
    .columns > * { min-width: 0; }
    @media (min-width: 68rem) { .columns { grid-template-columns: minmax(0, 1.9fr) minmax(20rem, 1fr); }
      .columns.even { grid-template-columns: repeat(2, minmax(0, 1fr)); } }

    .warnings { list-style: none; padding: 0; margin: 1rem 0; }
    .warnings li, .problem { padding: .5rem 1rem; margin: .5rem 0; border-left: 4px solid var(--notice);
      background: var(--panel); border-radius: 0 var(--radius) var(--radius) 0; }
    .problem, .warnings .problem { border-color: var(--wrong); }
    .right, .state.up, .phase.training, .phase.finished { color: var(--right); }
    .wrong, .state.down { color: var(--wrong); }
    .state.suspect, .phase.waiting, .phase.asking, .phase.unfinished { color: var(--notice); }

    form { display: flex; flex-wrap: wrap; gap: .75rem 1rem; align-items: center; margin: 1rem 0; }
    button, .button, select, input { font: inherit; color: inherit; padding: .375rem .75rem; border: 1px solid var(--line);
      border-radius: var(--radius); background: var(--ground); }
    input[type=checkbox] { width: 1.125rem; height: 1.125rem; padding: 0; vertical-align: -.2em; accent-color: var(--blue); }
    button, .button { background: var(--panel); cursor: pointer; text-decoration: none; display: inline-block; }
    button:hover, .button:hover { border-color: var(--link); color: var(--link); }
    button.main, form:has(#line) label + button { background: var(--link); border-color: var(--link); color: var(--on); }
    .actions { display: flex; flex-wrap: wrap; gap: .5rem; max-width: none; align-items: center; }
    .actions .button { padding: .25rem .625rem; font-size: .875rem; }
    .actions [aria-current] { border-color: var(--text); color: var(--text); }
    label > input { margin-left: .25rem; }

    .tree { display: grid; gap: 0 3rem; } .tree > * { min-width: 0; }
    @media (min-width: 60rem) { .tree { grid-template-columns: minmax(0, 2fr) minmax(16rem, 1fr); } }
    .tree aside { padding: 0 1.25rem 1rem; background: var(--panel); border-radius: var(--radius); align-self: start; }
    .tree aside h2 { margin-top: 1rem; }
    .tree ul { list-style: none; padding-left: 1.25rem; margin: .25rem 0; } .tree > div > ul { padding-left: 0; }
    .tree li li { border-left: 1px solid var(--line); padding-left: .75rem; }
    .tree li { padding: .125rem 0; overflow-wrap: anywhere; } .tree li > .node { padding-left: 1rem; }
    .facts { display: flex; flex-wrap: wrap; gap: .125rem 1rem; padding: 0 !important; }
    main:has(#line) { max-width: 80rem; }
    .question { font-size: 1.5rem; margin: 1rem 0; }
    form:has(#line) { padding: 1rem; background: var(--panel); border: 1px solid var(--line); border-radius: var(--radius); }
    form:has(#line) label { flex: 1 1 100%; }
    #line { display: block; width: 100%; margin: .5rem 0 0; padding: .625rem .875rem; font-size: 1.25rem;
      font-family: ui-monospace, "DejaVu Sans Mono", monospace; }
    #check { flex: 1 1 16rem; } #check.unfinished { color: var(--dim); } #check.fine { color: var(--right); } #check.bad, #check.doubtful { color: var(--notice); }
    .nodes .number { display: inline-block; min-width: 1.6rem; color: var(--dim); }
    .nodes button { font-size: .8125rem; padding: 0 .5rem; }
    .nodes .depth1 { padding-left: 1.5rem; } .nodes .depth2 { padding-left: 3rem; } .nodes .depth3 { padding-left: 4.5rem; }
    .nodes .depth4 { padding-left: 6rem; } .nodes .depth5 { padding-left: 7.5rem; } .nodes .depth6 { padding-left: 9rem; }
    .nodes .depth7, .nodes .depth8 { padding-left: 10.5rem; }
    #grammar { grid-template-columns: auto 1fr; } #grammar dt { font-size: inherit; }
    form details { flex: 1 1 100%; } #steps li { padding: .125rem 0; }
    @media (max-width: 40rem) { main { padding: 1rem; } header { padding: .5rem 1rem; gap: .25rem .75rem; }
      nav a { padding: .25rem .5rem; } h1 { font-size: 1.5rem; } h1 .round { display: block; }
      dl { grid-template-columns: repeat(auto-fill, minmax(7rem, 1fr)); gap: .5rem 1rem; }
      .cards { gap: .5rem; } th, td { padding: .375rem .5rem; } }
    @media print { header, .actions, form { display: none; } }
    """
}
