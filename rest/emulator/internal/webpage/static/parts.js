// What several views are made of.

import { h } from './dom.js';
import { count, number, time } from './format.js';
import { contentLink, pageOf, pageSize, projectLink, siteLink, withQuery } from './route.js';

export const kinds = {
  workbooks: { one: 'Workbook', many: 'Workbooks' },
  datasources: { one: 'Data source', many: 'Data sources' },
  flows: { one: 'Flow', many: 'Flows' },
};

// name shows a name that somebody gave: in its own direction, and no longer than a few lines where it is in a list.
export function name(text) {
  return h('bdi', { class: 'name' }, text);
}

export function icon(kind) {
  return h('span', { class: `icon ${kind}`, 'aria-hidden': 'true' });
}

export function when(text) {
  return h('time', { datetime: text, title: text }, time(text));
}

export function heading(text, ...more) {
  return h('div', { class: 'heading', 'data-key': 'heading' }, h('h1', { tabindex: '-1' }, text), ...more);
}

export function section(key, title, ...body) {
  const id = `section-${key}`;
  return h('section', { 'data-key': key, 'aria-labelledby': id }, h('h2', { id }, title), ...body);
}

// crumbs is the way from the server to where one is. Each step is a text with an address.
export function crumbs(...steps) {
  return h('nav', { class: 'crumbs', 'aria-label': 'Path', 'data-key': 'crumbs' },
    h('ol', {}, steps.map(([text, href]) => h('li', {}, h('a', { href }, name(text))))));
}

export function siteCrumbs(site, path) {
  return [['Sites', '#/'], [site.name, siteLink(site.contentUrl)],
    ...path.map((project) => [project.name, projectLink(site.contentUrl, project.luid)])];
}

// table makes a table of rows. On a narrow screen each row becomes a card; the roles keep it a table for those who
// listen to it. A column has a title and a cell, which makes what is in it of a row.
export function table({ caption, columns, rows, key }) {
  const head = columns.map(({ title, className, sorted }) =>
    h('th', { scope: 'col', role: 'columnheader', class: className, 'aria-sort': sorted }, title));
  const body = rows.map((row) => h('tr', { role: 'row', 'data-key': String(key(row)) },
    columns.map(({ title, cell, className }, i) => h(i === 0 ? 'th' : 'td', {
      scope: i === 0 ? 'row' : null,
      role: i === 0 ? 'rowheader' : 'cell',
      class: className,
      'data-title': typeof title === 'string' ? title : title.firstChild.textContent,
    }, h('div', {}, cell(row))))));
  return h('table', { role: 'table', 'data-key': 'table' },
    h('caption', { class: 'unseen' }, caption),
    h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, head)),
    h('tbody', { role: 'rowgroup', 'data-arrows': true }, body));
}

// rest says that a list was cut.
export function rest(list, noun) {
  if (list.items.length >= list.total) return null;
  return h('p', { class: 'quiet' }, `The first ${number(list.items.length)} of ${count(list.total, noun)}.`);
}

// range says which stretch of a list is shown.
export function range(list, noun) {
  if (list.items.length === list.total) return count(list.total, noun);
  if (list.items.length === 0) return `None of ${count(list.total, noun)}`;
  return `${number(list.from + 1)}–${number(list.from + list.items.length)} of ${count(list.total, noun)}`;
}

// window is the stretch of a list that a route asks for, as parameters of a question.
export function stretch(route) {
  return { from: pageOf(route) * pageSize, count: pageSize };
}

// pager leads to the stretches before and after; nothing where there is one only.
export function pager(route, list, label) {
  const page = pageOf(route);
  const last = Math.ceil(list.total / pageSize) - 1;
  if (last < 1 && page === 0) return null;
  const step = (text, to, possible) => possible
    ? h('a', { class: 'button', href: withQuery(route, { page: to > 0 ? String(to + 1) : '' }), 'data-key': text }, text)
    : h('span', { class: 'button off', 'data-key': text }, text);
  return h('nav', { class: 'pager', 'aria-label': label, 'data-key': label },
    step('Previous', Math.min(page - 1, Math.max(last, 0)), page > 0),
    h('span', { class: 'quiet' }, `Page ${number(page + 1)} of ${number(last + 1)}`),
    step('Next', page + 1, page < last));
}

// searchField asks for a part of a name. What is typed goes to the address, and the list follows.
export function searchField(route, label) {
  const search = route.query.get('search') ?? '';
  return h('label', { class: 'search', 'data-key': 'search' }, h('span', { class: 'unseen' }, label),
    h('input', {
      type: 'search', id: 'search', value: search, placeholder: label, maxlength: '500',
      autocomplete: 'off', spellcheck: 'false',
    }));
}

// copyable shows a text with a button that copies it.
export function copyable(text, what) {
  return h('span', { class: 'copyable' }, h('code', {}, text), copyButton(text, what));
}

export function copyButton(text, what, title = 'Copy') {
  return h('button', { type: 'button', class: 'copy', 'data-copy': text, 'aria-label': `Copy ${what}` }, title);
}

// facts is a list of names and values, a value with a true behind it taking more room; those without a value are left
// out.
export function facts(...pairs) {
  return h('dl', { class: 'facts' }, pairs
    .filter(([, value]) => value !== '' && value !== null && value !== undefined && value !== false)
    .map(([title, value, wide]) => h('div', { class: wide && 'span', 'data-key': title }, h('dt', {}, title), h('dd', {}, value))));
}

export function tags(labels) {
  return !labels?.length ? null : h('ul', { class: 'tags', 'aria-label': 'Tags' },
    labels.map((label) => h('li', {}, name(label))));
}

// setBy says that permissions are those of a project.
export function setBy(site, project) {
  return project && h('p', { class: 'quiet', 'data-key': 'set' }, 'Set for everything in project ',
    h('a', { href: projectLink(site.contentUrl, project.luid) }, name(project.name)), ', which is locked.');
}

// grants is a table of permissions.
export function grants(list, caption) {
  const capabilities = (names) => !names?.length ? '–' : h('ul', { class: 'tags plain' }, names.map((text) => h('li', {}, text)));
  return table({
    caption,
    rows: list,
    key: (grant) => `${grant.group} ${grant.grantee}`,
    columns: [
      { title: 'Who', cell: (grant) => [name(grant.grantee), ' ', h('span', { class: 'quiet' }, grant.group ? 'group' : 'user')] },
      { title: 'Allowed', cell: (grant) => capabilities(grant.allowed) },
      { title: 'Denied', cell: (grant) => capabilities(grant.denied) },
    ],
  });
}

// contentName is the first column of lists of contents.
export function contentName(row) {
  return h('span', { class: 'thing' }, icon(row.kind),
    h('a', { href: contentLink(row), 'data-stop': true }, name(row.name)),
    h('span', { class: 'unseen' }, `, ${kinds[row.kind].one.toLowerCase()}`));
}

const states = {
  pending: 'Waiting', running: 'Running', succeeded: 'Succeeded', failed: 'Failed', cancelled: 'Cancelled',
};

// jobColumns are the columns of lists of jobs.
export const jobColumns = [
  { title: 'Job', cell: (job) => [h('span', { class: 'strong' }, job.type), h('code', { class: 'line' }, job.luid)] },
  { title: 'About', cell: (job) => job.about === '' ? '–' : name(job.about) },
  {
    title: 'State',
    cell: (job) => [
      h('span', { class: `state ${job.state}` }, states[job.state]),
      job.state === 'running' && [' ', h('progress', { max: '100', value: String(job.progress), 'aria-label': 'Progress' }), ` ${job.progress} %`],
      job.note !== '' && h('span', { class: `line note ${job.state}` }, name(job.note)),
    ],
  },
  { title: 'Asked for', cell: (job) => when(job.createdAt) },
  { title: 'Ended', cell: (job) => job.completedAt ? when(job.completedAt) : '–' },
];
