// What every page has comes before this. The data is what `inspect --json` prints.

const files = JSON.parse($('files').textContent);

// Everything that can be chosen has a key: v for views, d for data sources, t for tables, f for fields, p for parameters.
const keyOf = (...parts) => parts.join('\u0000');
const names = new Map(); // what people call it, by key
const facts = new Map(); // what else is known of it, by key: pairs of a word and nodes
const anchors = new Map(); // where data sources are on the page, by key
const uses = new Map(); // the keys that a view uses, by the view's: true where it uses them itself

const bare = (name) => (name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name);
const labelOf = (thing) => thing.caption || bare(thing.name);

// pick is a button that chooses something.
function pick(key, name, note) {
  names.set(key, name);
  return h('button', { type: 'button', class: 'pick', 'data-key': key, 'aria-pressed': 'false', title: name, click: () => choose(key) },
    isolated(name), note && h('span', { class: 'quiet' }, note));
}

// picks is a list of them, in which the arrow keys move.
function picks(label, buttons) {
  buttons.forEach((b, i) => { b.tabIndex = i === 0 ? 0 : -1; });
  return h('ul', { 'aria-label': label, keydown: moveIn }, buttons.map((b) => h('li', {}, b, b.below)));
}

function moveIn(event) {
  const buttons = Array.from(event.currentTarget.querySelectorAll('.pick')).filter((b) => b.checkVisibility());
  const at = buttons.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  const next = buttons[Math.max(0, Math.min(to, buttons.length - 1))];
  buttons[at].tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

function more(title, n, ...content) {
  return n > 0 && h('details', {}, h('summary', {}, `${title} (${number(n)})`), content);
}

const lines = (texts) => h('ul', {}, texts.map((text) => h('li', {}, isolated(text))));

// Files

function showFile(file, index) {
  const sources = file.datasources.map((source, i) => ({ ...source, at: `${index}-${i}`, key: keyOf('d', index, source.name), file: index }));
  for (const source of sources) prepare(source);
  const side = [showViews(file, index, sources), showParameters(file, index)].filter(Boolean);
  return h('section', { class: 'file', 'aria-labelledby': `file-${index}` },
    h('h2', { id: `file-${index}` }, isolated(file.file)),
    h('p', { class: 'quiet' }, [file.kind, count(sources.length, 'data source'), count((file.views ?? []).length, 'view')].join(', ')),
    h('div', { class: 'split' },
      side.length > 0 && h('div', { class: 'side' }, side),
      h('div', {}, sources.map(showSource), showShared(file), showEntries(file))));
}

function showViews(file, index, sources) {
  const views = file.views ?? [];
  if (views.length === 0) return null;
  const keys = new Map(views.map((v) => [v.name, keyOf('v', index, v.name)]));
  for (const view of views) {
    const used = new Map();
    const use = (key, direct) => used.set(key, direct || used.get(key) === true);
    for (const name of view.shows ?? []) use(keys.get(name) ?? keyOf('v', index, name), true);
    for (const d of view.datasources ?? []) {
      const source = sources.find((s) => s.name === d.name);
      use(keyOf('d', index, d.name), true);
      for (const f of d.fields ?? []) {
        const key = keyOf('f', index, d.name, f.name);
        use(key, !f.indirect);
        if (!names.has(key)) names.set(key, labelOf(f) + (f.missing ? ' (missing)' : ''));
        for (const table of source?.tableOf.get(f.name) ?? []) use(table, !f.indirect);
      }
      if (!source) names.set(keyOf('d', index, d.name), `${labelOf(d)} (missing)`);
    }
    for (const p of view.parameters ?? []) {
      const key = keyOf('p', index, p.name);
      use(key, !p.indirect);
      if (!names.has(key)) names.set(key, labelOf(p));
    }
    uses.set(keys.get(view.name), used);
    const filters = (file.filters ?? []).filter((f) => f.worksheets.includes(view.name)).map((f) => f.says);
    facts.set(keys.get(view.name), [['kind', view.kind + (view.hidden ? ', hidden' : '')], view.url_name && ['in URLs', view.url_name],
      filters.length > 0 && ['filters', lines(filters)]]);
  }
  return [h('h3', {}, 'Views'), picks('Views', views.map((v) => pick(keys.get(v.name), v.name, v.kind + (v.hidden ? ', hidden' : ''))))];
}

function showParameters(file, index) {
  const parameters = file.parameters ?? [];
  if (parameters.length === 0) return null;
  return [h('h3', {}, 'Parameters'), picks('Parameters', parameters.map((p) => {
    const key = keyOf('p', index, p.name);
    const allowed = (p.allowed ?? []).map((a) => (a.as ? `${a.value} (${a.as})` : a.value)).join(', ');
    facts.set(key, [['value', p.alias ? `${p.value} (${p.alias})` : p.value], ['type', `${p.datatype}, ${p.domain}`], allowed && ['allowed', allowed],
      (p.min || p.max) && ['range', `${p.min ?? ''}..${p.max ?? ''}`], p.description && ['description', p.description]]);
    return pick(key, labelOf(p), p.alias || p.value);
  }))];
}

function showShared(file) {
  const shared = (file.filters ?? []).filter((f) => !f.worksheet).map((f) => `${f.says}; of ${f.worksheets.join(', ')}`);
  return more('Filters that worksheets share', shared.length, lines(shared));
}

function showEntries(file) {
  const entries = (file.entries ?? []).map((e) => `${e.name} (${number(e.size)} bytes), ${e.purpose}${e.users ? ': ' + e.users.join('; ') : ''}`);
  const missing = (file.missing_files ?? []).map((m) => `missing ${m.file}: ${m.user}`);
  return more('Entries of the package', entries.length + missing.length, lines([...entries, ...missing]));
}

// Data sources

// prepare finds what a data source is drawn of: groups of boxes, one group for each logical table, and what joins them.
function prepare(source) {
  source.fields ??= [];
  source.groups = [];
  source.relations = []; // in words
  const found = new Set();
  const box = (r) => {
    const table = (source.tables ?? []).find((t) => t.alias === r.name && (t.connection ?? '') === (r.connection ?? ''));
    const columns = table?.columns ?? source.fields.filter((f) => f.table && f.table === r.name && !f.formula)
      .map((f) => ({ name: f.name, remote_name: f.remote_name || bare(f.name), datatype: f.datatype }));
    const words = { text: 'custom SQL', 'stored-proc': `procedure ${r.table ?? ''}` };
    const one = { name: r.name || r.table || 'query', says: words[r.kind] ?? r.table ?? '', columns, connection: r.connection };
    one.key = keyOf('t', source.file, source.name, one.connection ?? '', one.name);
    for (let n = 2; found.has(one.key); n++) one.key = keyOf('t', source.file, source.name, one.connection ?? '', one.name, n);
    found.add(one.key);
    return one;
  };
  for (const logical of source.logical_tables ?? []) {
    const group = { id: logical.id ?? '', caption: logical.caption, notes: [], boxes: [], edges: [] };
    walk(logical.relation, group, box, source.relations);
    source.groups.push(group);
  }
  if (source.groups.length === 0) {
    const named = source.published ? [{ kind: 'published', name: source.published.friendly_name || source.published.content_url, table: 'published data source' }]
      : (source.tables ?? []).map((t) => ({ kind: 'table', name: t.alias, connection: t.connection, table: t.name }));
    for (const r of named) {
      const one = box(r);
      if (r.kind === 'published') one.columns = source.fields.filter((f) => !f.formula).map((f) => ({ name: f.name, remote_name: labelOf(f), datatype: f.datatype }));
      source.groups.push({ id: '', caption: '', notes: [], boxes: [one], edges: [] });
    }
  }
  source.edges = [];
  for (const r of source.relationships ?? []) {
    const [first, second] = [r.first, r.second].map((id) => source.groups.findIndex((g) => g.id === id));
    if (first < 0 || second < 0) continue;
    source.edges.push({ from: first, to: second, kind: 'relationship', label: r.on, title: `${r.on} (${r.cardinality})` });
    source.relations.push(`${source.groups[first].caption} to ${source.groups[second].caption}: ${r.on} (${r.cardinality} relationship)`);
  }
  source.tableOf = new Map();
  for (const one of source.groups.flatMap((g) => g.boxes)) {
    for (const c of one.columns) source.tableOf.set(c.name, [...(source.tableOf.get(c.name) ?? []), one.key]);
  }
}

// walk adds the boxes of a relation to a group, and what joins them; it returns their numbers.
function walk(relation, group, box, said) {
  if (!relation.of) {
    if (!['table', 'text', 'stored-proc'].includes(relation.kind)) return [];
    return [group.boxes.push(box(relation)) - 1];
  }
  const parts = relation.of.map((inner) => walk(inner, group, box, said));
  const named = (numbers) => numbers.find((n) => (relation.keys ?? []).some((k) => k.startsWith(`[${group.boxes[n].name}].`))) ?? numbers[0];
  if (relation.kind === 'join' && parts.length === 2 && parts.every((p) => p.length > 0)) {
    const [from, to] = parts.map(named);
    group.edges.push({ from, to, kind: 'join', label: `${relation.join}: ${relation.on}`, title: `${relation.join} join on ${relation.on}` });
    said.push(`${group.boxes[from].name} ${relation.join} join ${group.boxes[to].name} on ${relation.on}`);
  } else if (relation.kind !== 'collection') {
    const columns = (relation.pivot ?? []).map((p) => `${p.name} of ${p.from.join(', ')}`);
    const names = parts.flat().map((n) => group.boxes[n].name);
    group.notes.push(relation.kind);
    said.push(`${relation.kind} of ${names.join(', ')}${columns.length ? ': ' + columns.join('; ') : ''}`);
  }
  return parts.flat();
}

function showSource(source) {
  const { at } = source;
  const p = source.published;
  const calculated = source.fields.filter((f) => f.formula).length;
  facts.set(source.key, [['name', source.name]]);
  anchors.set(source.key, `#source-${at}`);
  return h('section', { class: 'source', id: `source-${at}`, 'aria-labelledby': `source-title-${at}` },
    h('h3', { id: `source-title-${at}` }, pick(source.key, labelOf(source), 'data source')),
    h('ul', { class: 'facts' },
      p && h('li', {}, 'published ', isolated(p.content_url), ' on ', isolated(p.site_content_url || 'the Default site'), ' of ', isolated(p.server)),
      (source.connections ?? []).map((c) => h('li', {}, 'connection ', isolated(connectionWords(c)))),
      source.extract && h('li', {}, 'extract ', isolated(source.extract.path + (source.extract.enabled ? '' : ', disabled') + (source.extract.fault ? ': ' + source.extract.fault : '')))),
    drawModel(source),
    more('Joins and relationships', source.relations.length, lines(source.relations)),
    more('Custom SQL', (source.custom_sql ?? []).length, (source.custom_sql ?? []).map((q) => [h('p', {}, isolated(q.name)), h('pre', {}, q.sql)])),
    more('Filters', [...(source.filters ?? []), ...(source.extract_filters ?? [])].length,
      lines([...(source.filters ?? []).map((f) => f.says), ...(source.extract_filters ?? []).map((f) => `of the extract: ${f.says}`)])),
    more(`Fields, ${number(calculated)} calculated`, source.fields.length, picks(`Fields of ${labelOf(source)}`, source.fields.map((f) => fieldPick(source, f)))));
}

function connectionWords(c) {
  return [c.class, c.caption && c.caption !== c.properties?.server && `“${c.caption}”`, ...Object.entries(c.properties ?? {}).map(([name, value]) => `${name}=${value}`)].filter(Boolean).join(' ');
}

function fieldPick(source, f) {
  const key = keyOf('f', source.file, source.name, f.name);
  const kind = f.datatype + (f.role === 'measure' ? ' measure' : '') + (f.hidden ? ', hidden' : '');
  facts.set(key, [['of', labelOf(source)], ['name', f.name], ['type', kind], f.remote_name && ['column', f.remote_name], f.format && ['format', f.format],
    f.description && ['description', f.description], f.formula && ['formula', h('pre', {}, f.formula)]]);
  const button = pick(key, labelOf(f), kind);
  if (f.formula) button.below = h('code', { class: 'formula' }, f.formula);
  return button;
}

// The drawing: boxes in columns, by how far they are from the first one

const size = { width: 220, head: 52, row: 26, gap: 24, between: 200, pad: 14, title: 28, edge: 20 };

function arrange(items, edges) {
  const depth = items.map(() => -1);
  const columns = [];
  for (let root = 0; root < items.length; root++) {
    if (depth[root] >= 0) continue;
    depth[root] = 0;
    for (const queue = [root]; queue.length > 0;) {
      const at = queue.shift();
      (columns[depth[at]] ??= []).push(items[at]);
      for (const e of edges) {
        const next = e.from === at ? e.to : e.to === at ? e.from : at;
        if (depth[next] < 0) {
          depth[next] = depth[at] + 1;
          queue.push(next);
        }
      }
    }
  }
  let x = 0;
  let height = 0;
  for (const column of columns) {
    let y = 0;
    for (const item of column) {
      Object.assign(item, { x, y });
      y += item.height + size.gap;
    }
    height = Math.max(height, y - size.gap);
    x += Math.max(...column.map((item) => item.width)) + size.between;
  }
  return { width: Math.max(0, x - size.between), height };
}

function drawModel(source) {
  const all = source.groups.flatMap((g) => g.boxes);
  if (all.length === 0) return h('p', { class: 'quiet' }, 'It does not say what it reads.');
  const rows = all.length > 6 ? 4 : 8;
  for (const group of source.groups) {
    for (const one of group.boxes) Object.assign(one, { width: size.width, height: size.head + Math.min(one.columns.length, rows) * size.row + (one.columns.length ? 3 : 0) });
    const inner = arrange(group.boxes, group.edges);
    group.framed = group.boxes.length > 1 || group.notes.length > 0;
    group.width = inner.width + (group.framed ? 2 * size.pad : 0);
    group.height = inner.height + (group.framed ? size.pad + size.title : 0);
  }
  const whole = arrange(source.groups, source.edges);
  const sheet = h('div', { class: 'sheet' });
  place(sheet, null, null, whole.width + 2 * size.edge, whole.height + 2 * size.edge);
  const svg = vector('svg', { width: whole.width + 2 * size.edge, height: whole.height + 2 * size.edge, 'aria-hidden': 'true' });
  for (const group of source.groups) {
    group.x += size.edge;
    group.y += size.edge;
    if (group.framed) sheet.append(place(h('div', { class: 'frame' }, h('p', { title: group.caption }, isolated([group.caption, ...group.notes].filter(Boolean).join(', ')))), group.x, group.y, group.width, group.height));
    for (const one of group.boxes) {
      one.x += group.x + (group.framed ? size.pad : 0);
      one.y += group.y + (group.framed ? size.title : 0);
    }
  }
  const drawn = [...source.groups.flatMap((g) => g.edges.map((e) => line(g.boxes[e.from], g.boxes[e.to], e))),
    ...source.edges.map((e) => line(source.groups[e.from], source.groups[e.to], e))];
  svg.append(...drawn.map(([path]) => path), ...drawn.map(([, text]) => text)); // no line crosses a text
  sheet.append(svg, ...all.map((one) => drawBox(source, one)));
  return h('div', { class: 'graph', role: 'region', tabindex: 0, 'aria-label': `What ${labelOf(source)} reads` }, sheet);
}

function drawBox(source, one) {
  facts.set(one.key, [['of', labelOf(source)], one.says && ['is', one.says], one.connection && ['connection', one.connection]]);
  const fields = new Map(source.fields.map((f) => [f.name, f]));
  const columns = one.columns.map((c) => {
    const field = fields.get(c.name);
    return pick(keyOf('f', source.file, source.name, c.name), field ? labelOf(field) : bare(c.name), c.datatype);
  });
  return place(h('div', { class: 'box', role: 'group', 'aria-label': one.name },
    pick(one.key, one.name), h('p', { title: one.says }, isolated(one.says)),
    columns.length > 0 && picks(`Columns of ${one.name}`, columns)), one.x, one.y, one.width, one.height);
}

// place sets what a policy does not let attributes say.
function place(element, x, y, width, height) {
  for (const [name, value] of Object.entries({ left: x, top: y, width, height })) if (value !== null) element.style[name] = `${value}px`;
  return element;
}

function vector(name, attributes, text) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  return element;
}

// line joins two boxes, from left to right, and says how next to the right one; two in one column it joins beside them.
function line(from, to, { kind, label, title }) {
  const [a, b] = from.x <= to.x ? [from, to] : [to, from];
  const [ay, by] = [a, b].map((box) => box.y + Math.min(size.head / 2, box.height / 2));
  const ax = a.x + a.width;
  const beside = a.x === b.x;
  const bx = beside ? b.x + b.width : b.x;
  const bend = beside ? 60 : Math.min(90, (bx - ax) / 2);
  const short = Array.from(label);
  const text = vector('text', { x: beside ? ax + 150 : bx - 8, y: (beside ? (ay + by) / 2 : by) - 6 }, short.length > 28 ? short.slice(0, 27).join('') + '…' : label);
  text.append(vector('title', {}, title));
  return [vector('path', { class: kind, d: `M ${ax} ${ay} C ${ax + bend} ${ay}, ${beside ? bx + bend : bx - bend} ${by}, ${bx} ${by}` }), text];
}

// What is chosen

let chosen = '';

// related are the keys that belong to one: true where that is direct.
function related(key) {
  const [kind] = key.split('\u0000');
  if (kind === 'v') {
    const all = new Map(uses.get(key));
    for (const [view, used] of uses) if (used.has(key)) all.set(view, true); // it is shown there
    return all;
  }
  const all = new Map();
  for (const [view, used] of uses) if (used.has(key)) all.set(view, used.get(key));
  return all;
}

function choose(key) {
  chosen = key === chosen ? '' : key;
  const all = chosen ? related(chosen) : new Map();
  for (const b of document.querySelectorAll('.pick')) {
    const { key: own } = b.dataset;
    b.setAttribute('aria-pressed', String(own === chosen));
    b.classList.toggle('used', all.get(own) === true);
    b.classList.toggle('indirect', all.get(own) === false);
  }
  for (const list of document.querySelectorAll('.box > ul')) {
    const first = list.querySelector('.used, .indirect, [aria-pressed="true"]');
    if (first) list.scrollTop = Math.max(0, first.offsetTop - list.offsetTop - size.row);
  }
  showChosen(all);
}

const kinds = { v: 'view', d: 'data source', t: 'table', f: 'field', p: 'parameter' };

function showChosen(all) {
  if (!chosen) {
    $('chosen').replaceChildren();
    showStatus();
    return;
  }
  const kind = chosen[0];
  const name = names.get(chosen);
  const list = (letter, direct) => Array.from(all.keys()).filter((k) => k[0] === letter && (direct === undefined || all.get(k) === direct)).map((k) => names.get(k) ?? k);
  const rows = (facts.get(chosen) ?? []).filter(Boolean);
  if (kind === 'v') {
    const shows = uses.get(chosen);
    const views = list('v');
    rows.push(['shows', views.filter((v) => Array.from(shows.keys()).some((k) => k[0] === 'v' && names.get(k) === v)).join(', ')],
      ['is on', views.filter((v) => !Array.from(shows.keys()).some((k) => k[0] === 'v' && names.get(k) === v)).join(', ')],
      ['data sources', list('d').length > 0 && h('ul', {}, Array.from(all.keys()).filter((k) => k[0] === 'd').map((k) =>
        h('li', {}, anchors.has(k) ? h('a', { href: anchors.get(k) }, isolated(names.get(k))) : isolated(names.get(k)))))], ['tables', list('t').join(', ')], ['fields', list('f', true).join(', ')],
      ['calculated from', list('f', false).join(', ')], ['parameters', list('p').join(', ')]);
    $('status').textContent = `${name} uses ${['d', 't', 'f', 'p'].map((k) => [list(k).length, kinds[k]]).filter(([n]) => n > 0).map(([n, what]) => count(n, what)).join(', ') || 'nothing'}`;
  } else {
    rows.push(['used by', list('v', true).join(', ')], ['used indirectly by', list('v', false).join(', ')]);
    $('status').textContent = `${count(list('v').length, 'view')} ${list('v').length === 1 ? 'uses' : 'use'} ${kinds[kind]} ${name}`;
  }
  $('chosen').replaceChildren(h('dl', {}, rows.filter(([, value]) => value).map(([word, value]) =>
    [h('dt', {}, word), h('dd', {}, typeof value === 'string' ? isolated(value) : value)])));
}

// The search

let found = '';

function search(text) {
  found = text.trim().toLowerCase();
  const fits = (b) => names.get(b.dataset.key).toLowerCase().includes(found);
  for (const item of document.querySelectorAll('li:has(> .pick)')) {
    const over = item.closest('.box')?.querySelector(':scope > .pick') ?? null;
    item.hidden = found !== '' && !fits(item.firstChild) && !(over && fits(over));
  }
  for (const source of document.querySelectorAll('.source')) {
    source.hidden = found !== '' && !Array.from(source.querySelectorAll('.pick')).some(fits);
  }
  for (const list of document.querySelectorAll('ul:has(> li > .pick)')) { // one of those that are shown can be reached
    const buttons = Array.from(list.querySelectorAll(':scope > li > .pick'));
    const first = buttons.find((b) => !b.parentElement.hidden);
    buttons.forEach((b) => { b.tabIndex = b === first ? 0 : -1; });
  }
  if (found) for (const d of document.querySelectorAll('.source details:has(.pick)')) d.open = true;
  showStatus();
}

function showStatus() {
  if (chosen) return;
  const fits = Array.from(names).filter(([, name]) => name.toLowerCase().includes(found)).length;
  $('status').textContent = found ? `${number(fits)} of ${number(names.size)} names` : 'Choose a view to see what it uses, or a table, field or parameter to see which views use it.';
}

// The page

document.title = files.length === 1 ? `${files[0].file}: data model` : document.title;
$('main').append(...files.map(showFile));
$('contents').append(h('ul', {}, files.flatMap((file, i) => file.datasources.map((source, j) => h('li', {}, h('a', { href: `#source-${i}-${j}` }, isolated(labelOf(source))))))));
$('about').textContent = [count(files.length, 'file'), count(files.flatMap((f) => f.datasources).length, 'data source'), count(files.flatMap((f) => f.views ?? []).length, 'view')].join(', ');
$('search').addEventListener('input', (event) => search(event.target.value));
$('tools').addEventListener('submit', (event) => event.preventDefault());
$('tools').addEventListener('reset', () => {
  if (chosen) choose(chosen);
  search('');
});
addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && chosen) choose(chosen);
});
for (const id of ['main', 'bar', 'contents']) $(id).hidden = false;
showStatus();
