// What every page has comes before this.

// read reads the plan, in the order in which it was written: a string is numbered where it comes first.
function read({ plan, cells }) {
  const strings = [''];
  const shapes = [];
  const term = (t) => {
    if (typeof t !== 'string') return strings[t ?? 0];
    strings.push(t);
    return t;
  };
  const shape = (s) => {
    if (typeof s === 'number') return shapes[s];
    const read = s.map(([kind, old, now, ...places]) => {
      const change = { kind, old: term(old), now: term(now), places: [] };
      for (let i = 0; i < places.length; i += 3) change.places.push({ line: places[i], col: places[i + 1], path: term(places[i + 2]) });
      return change;
    });
    shapes.push(read);
    return read;
  };
  const sites = plan.sites.map(([key, contentURL, server], index) => (
    { index, key, contentURL, server: plan.servers[server], whole: null, cells: plan.templates.map(() => null), text: '' }));
  for (const c of cells) {
    const cell = {
      template: c.t, action: c.a, luid: c.l, name: term(c.n), project: term(c.p), contentURL: term(c.u), drift: term(c.d), error: term(c.e),
      reason: term(c.r), hint: term(c.h), warnings: (c.w ?? []).map(term), entries: (c.i ?? []).map(term),
      shape: c.c === undefined ? [] : shape(c.c),
    };
    cell.values = (c.v ?? []).map((v) => (Array.isArray(v) || v === 0 ? v : term(v)));
    if (c.t < 0) sites[c.s].whole = cell;
    else sites[c.s].cells[c.t] = cell;
  }
  for (const site of sites) {
    site.text = [site.key, site.contentURL, ...site.cells.flatMap((c) => (c ? [c.name, c.contentURL] : []))].join('\n').toLowerCase();
  }
  return { ...plan, sites };
}

// changesOf puts the changes of a cell together.
function changesOf(cell) {
  return cell.shape.map((change, i) => ({ ...change, now: newValue(change.now, cell.values[i] ?? 0) }));
}

function newValue(base, value) {
  if (value === 0) return base;
  if (!Array.isArray(value)) return value;
  let out = '';
  let at = 0;
  for (let i = 0; i < value.length; i += 3) {
    out += base.slice(at, value[i]) + value[i + 2];
    at = value[i + 1];
  }
  return out + base.slice(at);
}

// What sites are chosen by

const actions = ['create', 'overwrite', 'update', 'unchanged', 'left out', 'failed', 'skipped', 'not reached'];
const words = { create: 'to create', overwrite: 'to overwrite', update: 'to update', drift: 'not as last published', warnings: 'with warnings' };
const wordFor = (action) => words[action] ?? action;

const plan = read(JSON.parse($('plan').textContent));
const chosen = { text: '', template: -2, action: '', note: null }; // template -2 is any, -1 the site itself
const pageSize = 100;
let shown = plan.sites;
let page = 0;

// cellsOf are the cells of a site, of which one that is about the whole site stands for all.
function cellsOf(site) {
  if (site.whole) return [site.whole];
  return site.cells.map((cell, template) => cell ?? { template, action: 'not reached', warnings: [] });
}

function fits(cell) {
  if (chosen.template !== -2 && cell.template !== chosen.template) return false;
  if (chosen.note && chosen.note.of(cell) !== true) return false;
  switch (chosen.action) {
    case '': return true;
    case 'drift': return Boolean(cell.drift);
    case 'warnings': return cell.warnings.length > 0;
  }
  return cell.action === chosen.action;
}

function choose(change) {
  Object.assign(chosen, change);
  const text = chosen.text.trim().toLowerCase();
  shown = plan.sites.filter((site) => site.text.includes(text) && cellsOf(site).some(fits));
  page = 0;
  $('search').value = chosen.text;
  $('template').value = chosen.template === -2 ? '' : String(chosen.template);
  $('action').value = chosen.action;
  $('chosen').hidden = !chosen.note;
  $('chosen').replaceChildren(...(chosen.note ? ['Only: ', isolated(chosen.note.text)] : []));
  showSites();
}

// chooseAll leaves nothing out but what is asked for.
const chooseAll = (change) => choose({ text: '', template: -2, action: '', note: null, ...change });

// The tables

function showTotals() {
  const names = [...plan.templates, 'the site itself'];
  const totals = names.map(() => ({}));
  const used = new Set();
  for (const site of plan.sites) {
    for (const cell of cellsOf(site)) {
      const row = totals.at(cell.template);
      for (const key of [cell.action, cell.drift && 'drift', cell.warnings.length && 'warnings']) {
        if (key) {
          row[key] = (row[key] ?? 0) + 1;
          used.add(key);
        }
      }
    }
  }
  const keys = [...actions, 'drift', 'warnings'].filter((key) => used.has(key));
  const choice = (template, key, n) => h('button', {
    type: 'button', class: 'plain', 'aria-label': names.at(template) + ': ' + number(n) + ' ' + wordFor(key),
    click: () => { chooseAll({ template, action: key }); $('sites-title').focus(); },
  }, number(n));
  $('totals').append(h('table', {},
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Template'), keys.map((key) => h('th', { scope: 'col', class: 'number' }, wordFor(key))))),
    h('tbody', {}, totals.map((row, i) => {
      const template = i < plan.templates.length ? i : -1;
      if (template < 0 && Object.keys(row).length === 0) return null;
      return h('tr', {}, h('th', { scope: 'row' }, isolated(names[i])),
        keys.map((key) => h('td', { class: 'number' }, row[key] ? choice(template, key, row[key]) : '0')));
    }))));
  $('totals').firstChild.setAttribute('aria-labelledby', 'totals-title');
  for (const key of keys) $('action').append(h('option', { value: key }, wordFor(key)));
  plan.templates.forEach((name, i) => $('template').append(h('option', { value: i }, name)));
  if (plan.sites.some((site) => site.whole)) $('template').append(h('option', { value: -1 }, names.at(-1)));
  document.title = 'Plan: ' + plan.manifest;
  $('about').append(isolated(plan.manifest), ', ' + count(plan.sites.length, 'site') + ', ' + plan.made.replace(/T(..:..).*/, ' $1 UTC'));
}

// showFindings lists why sites failed, what others changed and what is warned of: each once, for however many sites.
function showFindings() {
  const most = 50;
  const found = new Map();
  const note = (kind, template, text, of) => {
    if (!text) return;
    const label = kind + (template < 0 ? '' : ', ' + plan.templates[template]) + ': ' + text;
    const one = found.get(label);
    if (one) one.sites++;
    else found.set(label, { text: label, sites: 1, of: (cell) => cell.template === template && of(cell, text) });
  };
  for (const site of plan.sites) {
    for (const cell of cellsOf(site)) {
      note(cell.action, cell.template, cell.reason, (c, text) => c.reason === text);
      note('not as last published', cell.template, cell.drift, (c, text) => c.drift === text);
      for (const warning of cell.warnings) note('warning', cell.template, warning, (c, text) => c.warnings.includes(text));
    }
  }
  const rank = (one) => (/^(failed|skipped)/.test(one.text) ? 0 : 1);
  const all = Array.from(found.values()).sort((a, b) => rank(a) - rank(b) || b.sites - a.sites);
  $('findings').hidden = all.length === 0;
  $('findings-list').append(...all.slice(0, most).map((one) => h('li', {}, isolated(one.text), h('button', {
    type: 'button', class: 'plain', 'aria-label': 'Show ' + count(one.sites, 'site') + ': ' + one.text,
    click: () => { chooseAll({ note: one }); $('sites-title').focus(); },
  }, count(one.sites, 'site')))));
  if (all.length > most) $('findings-list').append(h('li', {}, 'and ' + number(all.length - most) + ' others, each in its cell'));
}

function showSites(all) {
  const pages = Math.max(1, Math.ceil(shown.length / pageSize));
  const from = all ? 0 : page * pageSize;
  const rows = all ? shown : shown.slice(from, from + pageSize);
  const headings = h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Site'), plan.templates.map((name) => h('th', { scope: 'col' }, isolated(name)))));
  const table = h('table', { 'aria-labelledby': 'sites-title' }, headings, h('tbody', {}, rows.map(rowOf)));
  $('sites').replaceChildren(shown.length ? table : h('p', { class: 'not-reached' }, 'No site is like that.'));
  $('sites').scrollTop = 0;
  const range = shown.length > pageSize ? number(from + 1) + ' to ' + number(from + rows.length) + ' of ' : '';
  $('status').textContent = range + count(shown.length, 'site') + (shown.length < plan.sites.length ? ' of ' + number(plan.sites.length) : '');
  const go = (text, to) => h('button', { type: 'button', disabled: to < 0 || to >= pages, click: () => turn(to) }, text);
  $('pager').replaceChildren(...(pages > 1 ? [
    go('First', page === 0 ? -1 : 0), go('Previous', page - 1), h('span', {}, 'page ' + number(page + 1) + ' of ' + number(pages)),
    go('Next', page + 1), go('Last', page === pages - 1 ? -1 : pages - 1)] : []));
}

function turn(to) {
  page = to;
  showSites();
  $('sites').focus();
}

function rowOf(site) {
  const heading = h('th', { scope: 'row' }, isolated(site.key),
    site.contentURL !== site.key && h('span', { class: 'quiet' }, site.contentURL ? isolated(site.contentURL) : 'the Default site'));
  if (site.whole) return h('tr', {}, heading, h('td', { colspan: plan.templates.length }, buttonOf(site, site.whole)));
  return h('tr', {}, heading, site.cells.map((cell) => h('td', {}, cell ? buttonOf(site, cell) : h('span', { class: 'not-reached' }, 'not reached'))));
}

function buttonOf(site, cell) {
  const changes = cell.shape.reduce((sum, change) => sum + change.places.length, cell.entries.length);
  return h('button', {
    type: 'button', class: 'cell ' + cell.action.replaceAll(' ', '-'), 'data-cell': site.index + '/' + cell.template,
    click: () => { location.hash = hashOf(site, cell); },
  }, h('span', { class: 'word' }, cell.action), changes > 0 && h('span', {}, count(changes, 'change')),
  cell.drift && h('span', { class: 'flag' }, 'not as last published'), cell.warnings.length > 0 && h('span', { class: 'flag' }, count(cell.warnings.length, 'warning')));
}

// A cell that is open: the address says which.

function hashOf(site, cell) {
  return '#' + encodeURIComponent(site.key) + (cell.template < 0 ? '' : '/' + encodeURIComponent(plan.templates[cell.template]));
}

function openAddress() {
  let key, name;
  try {
    [key, name] = location.hash.slice(1).split('/').map(decodeURIComponent);
  } catch {
    return; // an address that nobody got from here
  }
  const site = plan.sites.find((s) => s.key === key);
  const cell = site && (site.whole ?? site.cells[plan.templates.indexOf(name)]);
  if (!cell) {
    if ($('detail').open) $('detail').close();
    return;
  }
  if (!shown.includes(site)) chooseAll({});
  const at = Math.floor(shown.indexOf(site) / pageSize);
  if (at !== page || !buttonFor(site, cell)) {
    page = at;
    showSites();
  }
  const focused = document.activeElement.id;
  $('detail').replaceChildren(...detailOf(site, cell));
  $('detail').setAttribute('aria-labelledby', 'detail-title');
  $('detail').dataset.cell = site.index + '/' + cell.template;
  if (!$('detail').open) $('detail').showModal();
  else ($('detail').querySelector('#' + (focused || 'close') + ':enabled') ?? $('close')).focus();
  $('detail').scrollTop = 0;
}

const buttonFor = (site, cell) => document.querySelector('[data-cell="' + site.index + '/' + cell.template + '"].cell');

function closed() {
  history.replaceState(null, '', '#');
  const button = document.querySelector('.cell[data-cell="' + $('detail').dataset.cell + '"]');
  button?.scrollIntoView({ block: 'nearest' });
  button?.focus();
}

function detailOf(site, cell) {
  const step = (text, by) => {
    const to = neighbour(site, cell, by);
    return h('button', { type: 'button', id: by < 0 ? 'before' : 'after', disabled: !to, click: () => { location.hash = to; } }, text);
  };
  const facts = [
    ['Published as', [cell.project, cell.name].filter(Boolean).join(' / ')], ['Content URL', cell.contentURL], ['LUID', cell.luid],
    ['Site', site.contentURL || 'the Default site'], ['Server', site.server],
  ];
  const changes = changesOf(cell);
  return [
    h('div', { class: 'tools' }, h('button', { type: 'button', id: 'close', autofocus: true, click: () => $('detail').close() }, 'Close'), step('Previous site', -1), step('Next site', 1)),
    h('h2', { id: 'detail-title' }, isolated(site.key), cell.template >= 0 && [' ', isolated(plan.templates[cell.template])]),
    h('p', {}, h('span', { class: 'state ' + cell.action.replaceAll(' ', '-') }, cell.action), ' ', meaning(cell)),
    cell.error && h('p', { class: 'note' }, isolated(cell.error), cell.hint && [h('br'), 'Hint: ', isolated(cell.hint)]),
    cell.drift && h('p', { class: 'note' }, 'Not as last published: ', isolated(cell.drift)),
    h('dl', {}, facts.filter(([, value]) => value).map(([name, value]) => [h('dt', {}, name), h('dd', {}, isolated(value))])),
    cell.warnings.length > 0 && [h('h3', {}, 'Warnings'), h('ul', {}, cell.warnings.map((w) => h('li', {}, isolated(w))))],
    cell.entries.length > 0 && [h('h3', {}, 'Files in the package'), h('ul', {}, cell.entries.map((e) => h('li', {}, isolated(e))))],
    changes.length > 0 && [h('h3', {}, 'Changes to the template'), changes.map(changeOf)],
  ].flat(Infinity).filter(Boolean);
}

function meaning(cell) {
  switch (cell.action) {
    case 'create': return 'There is nothing of this name yet.';
    case 'overwrite': return 'What is there is published over.';
    case 'update': return 'Only its settings are set: tags, owner, description, permissions, schedules.';
    case 'unchanged': return 'It is there as it is to be. Nothing is sent.';
    case 'left out': return 'The template is not for this site.';
  }
  return '';
}

// neighbour is the address of the next cell of the template among the sites that are shown.
function neighbour(site, cell, by) {
  for (let i = shown.indexOf(site) + by; i >= 0 && i < shown.length; i += by) {
    const next = shown[i].whole ?? shown[i].cells[cell.template];
    if (next) return hashOf(shown[i], next);
  }
  return null;
}

// A change: what was, and what is to be, with what differs marked. What is long is cut around that.

function changeOf(change) {
  const [first, ...more] = change.places;
  const place = (p) => 'line ' + p.line + ', column ' + p.col + ': ' + p.path;
  return h('div', { class: 'change' },
    h('p', { class: 'path' }, h('code', {}, isolated(place(first))), change.kind !== 'changed' && ' (' + change.kind + ')'),
    more.length > 0 && h('details', {}, h('summary', {}, 'and in ' + count(more.length, 'more place')), h('ul', {}, more.map((p) => h('li', { class: 'path' }, h('code', {}, isolated(place(p))))))),
    /\n./.test(change.old) || /\n./.test(change.now) ? linesOf(change) : valuesOf(change));
}

function valuesOf({ kind, old, now }) {
  const most = Math.min(old.length, now.length);
  let start = 0;
  while (start < most && old[start] === now[start]) start++;
  let end = 0;
  while (end < most - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const inside = (i, j) => inWord.test(old[i] ?? '') || inWord.test(now[j] ?? '');
  while (start > 0 && inWord.test(old[start - 1]) && inside(start, start)) start--;
  while (end > 0 && inWord.test(old.at(-end)) && inside(old.length - end - 1, now.length - end - 1)) end--;
  const value = (label, mark, text) => h('div', { class: 'value' }, h('span', {}, label), marked(mark, text, start, text.length - end));
  return h('div', {}, kind !== 'added' && value('old', 'del', old), kind !== 'removed' && value('new', 'ins', now));
}

// inWord matches what stays together: letters, digits, and the parts of characters that are several in a string.
const inWord = /[\p{L}\p{N}\p{M}_\u200d\uD800-\uDFFF]/u;

// whole is where a text can be cut: not between the halves of a character.
function whole(text, i) {
  return i > 0 && i < text.length && /[\uDC00-\uDFFF]/.test(text[i]) && /[\uD800-\uDBFF]/.test(text[i - 1]) ? i - 1 : i;
}

// marked shows a text with a part of it marked.
function marked(mark, text, start, end) {
  const around = 80;
  const most = 400;
  const code = h('code', { dir: 'auto' });
  const fill = (from, to, last) => code.replaceChildren(
    from > 0 ? '… ' : '', ...visible(text.slice(from, start)),
    ...(end > start ? [h(mark, {}, visible(text.slice(start, last)))] : []), last < end ? ' … ' : '',
    ...visible(text.slice(end, to)), to < text.length ? ' …' : '');
  const from = whole(text, start > around * 2 ? start - around : 0);
  const to = text.length - end > around * 2 ? whole(text, end + around) : text.length;
  const last = end - start > most ? whole(text, start + most) : end;
  fill(from, to, last);
  if (from === 0 && to === text.length && last === end) return code;
  const all = h('button', { type: 'button', class: 'plain', click: () => { fill(0, text.length, end); all.remove(); } }, 'Show all ' + count(text.length, 'character'));
  return h('div', {}, code, ' ', all);
}

// visible shows characters that nobody sees, or that change the direction of others, by their number.
function visible(text) {
  return text.split(/([\u0000-\u0008\u000b-\u001f\u007f-\u00a0\u00ad\u061c\u200b\u200e\u200f\u2028-\u202f\u2060-\u2069\ufeff])/)
    .map((part, i) => (i % 2 === 0 ? part : h('span', { class: 'sign' }, 'U+' + part.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0'))));
}

// linesOf shows the lines that differ, with some around them.
function linesOf({ old, now }) {
  const lines = differences(old === '' ? [] : old.split(/\r?\n/), now === '' ? [] : now.split(/\r?\n/));
  const context = 2;
  const most = 60;
  const near = (i) => lines.slice(Math.max(0, i - context), i + context + 1).some((line) => line.sign !== ' ');
  const line = ({ sign, text }) => h({ '-': 'del', '+': 'ins', ' ': 'span' }[sign], { dir: 'auto' }, sign + ' ', visible(text));
  const pre = h('pre', { class: 'lines' });
  let skipped = 0;
  let put = 0;
  const gap = () => {
    if (skipped > 0) pre.append(h('span', { class: 'gap' }, '⋯ ' + count(skipped, 'line')));
    skipped = 0;
  };
  lines.forEach((one, i) => {
    if (put >= most || !near(i)) {
      skipped++;
      return;
    }
    gap();
    pre.append(line(one));
    put++;
  });
  gap();
  if (put === lines.length) return pre;
  const all = h('button', { type: 'button', class: 'plain', click: () => { pre.replaceChildren(...lines.map(line)); all.remove(); } }, 'Show all ' + count(lines.length, 'line'));
  return h('div', {}, pre, all);
}

// differences is the shortest way from some lines to others, if the part that differs is not too long to look for it.
function differences(a, b) {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const left = a.slice(start, a.length - end);
  const right = b.slice(start, b.length - end);
  const same = (text) => ({ sign: ' ', text });
  return [...a.slice(0, start).map(same), ...between(left, right), ...a.slice(a.length - end).map(same)];
}

function between(a, b) {
  const minus = (text) => ({ sign: '-', text });
  const plus = (text) => ({ sign: '+', text });
  if (a.length * b.length > 1e6) return [...a.map(minus), ...b.map(plus)];
  // common[i][j] is how many lines a from i and b from j have in common.
  const common = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i][j] = a[i] === b[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const out = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      out.push({ sign: ' ', text: a[i] });
      i++;
      j++;
    } else if (j === b.length || (i < a.length && common[i + 1][j] >= common[i][j + 1])) out.push(minus(a[i++]));
    else out.push(plus(b[j++]));
  }
  return out;
}

// arrows move between the cells.
function arrows(event) {
  const cell = event.target.closest('td');
  if (!cell || event.altKey || event.ctrlKey || event.metaKey) return;
  const row = cell.parentElement;
  const to = {
    ArrowLeft: cell.previousElementSibling, ArrowRight: cell.nextElementSibling,
    ArrowUp: row.previousElementSibling?.children[cell.cellIndex] ?? row.previousElementSibling?.lastElementChild,
    ArrowDown: row.nextElementSibling?.children[cell.cellIndex] ?? row.nextElementSibling?.lastElementChild,
  }[event.key];
  const button = to?.querySelector('button');
  if (!button) return;
  event.preventDefault();
  button.focus();
}

showTotals();
showFindings();
$('search').addEventListener('input', () => choose({ text: $('search').value }));
$('template').addEventListener('change', () => choose({ template: $('template').value === '' ? -2 : Number($('template').value) }));
$('action').addEventListener('change', () => choose({ action: $('action').value }));
$('tools').addEventListener('submit', (event) => event.preventDefault());
$('tools').addEventListener('reset', (event) => { event.preventDefault(); chooseAll({}); $('search').focus(); });
$('sites').addEventListener('keydown', arrows);
$('detail').addEventListener('close', closed);
$('detail').addEventListener('click', (event) => { if (event.target === $('detail')) $('detail').close(); });
addEventListener('hashchange', openAddress);
addEventListener('beforeprint', () => { if (!$('detail').open) showSites(true); });
addEventListener('afterprint', () => { if (!$('detail').open) showSites(); });
$('main').hidden = false;
showSites();
openAddress();
