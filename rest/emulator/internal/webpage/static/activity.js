// What the server does: its jobs, and the requests it answered.

import { h } from './dom.js';
import { count } from './format.js';
import { heading, jobColumns, name, pager, range, stretch, table, when } from './parts.js';

export const jobs = {
  sources: (route) => [['jobs', stretch(route)]],
  paint: (route, overview, [list]) => ({
    title: 'Jobs',
    summary: `${count(list.total, 'job')}, ${overview.running} running.`,
    body: [
      heading('Jobs', h('p', { class: 'lead' }, 'Work that clients started and can wait for, the newest first.')),
      activity(route, list, 'job', 'No job was started yet. Publish with asJob=true, or refresh an extract.', {
        caption: 'Jobs, the newest first',
        key: (job) => job.luid,
        columns: [jobColumns[0], { title: 'Site', cell: (job) => name(job.site) }, ...jobColumns.slice(1)],
      }),
    ],
  }),
};

export const requests = {
  sources: (route) => [['requests', stretch(route)]],
  paint: (route, overview, [list]) => ({
    title: 'Requests',
    summary: `${count(list.total, 'request')}.`,
    body: [
      heading('Requests', h('p', { class: 'lead' }, 'What clients asked and what they were answered, the newest first. Secrets and this page’s own requests are left out.')),
      activity(route, list, 'request', overview.remembered > 0
        ? 'No client has asked anything yet.' : 'This server was made to remember no requests.', {
        caption: 'Requests, the newest first',
        key: (request) => request.number,
        columns: [
          { title: 'Request', cell: asked },
          { title: 'Answer', cell: answer },
          { title: 'User', cell: (request) => request.user === '' ? '–' : name(request.user) },
          { title: 'Client', cell: (request) => request.agent === '' ? '–' : name(request.agent) },
          { title: 'At', cell: (request) => when(request.at) },
        ],
      }),
    ],
  }),
};

function asked(request) {
  return [h('code', { class: 'target' }, h('b', {}, request.method), ' ', name(request.target)),
    request.body !== '' && h('details', { 'data-key': 'body' }, h('summary', {}, 'Body'),
      h('pre', { class: 'body', tabindex: '0', 'aria-label': 'Body' }, request.body))];
}

function answer(request) {
  if (request.status === 0) return h('span', { class: 'state failed' }, 'Cut');
  const state = request.status < 400 ? 'succeeded' : 'failed';
  return [h('span', { class: `state ${state}` }, String(request.status)),
    request.code !== 0 && h('code', { class: 'line' }, String(request.code))];
}

function activity(route, list, noun, none, { caption, key, columns }) {
  if (list.total === 0) return h('div', { class: 'empty', 'data-key': 'none' }, h('p', {}, none));
  return h('section', { 'data-key': 'list', 'aria-label': caption },
    h('div', { class: 'tools', 'data-key': 'tools' },
      h('p', { class: 'range', id: 'range', tabindex: '-1' }, range(list, noun)), pager(route, list, 'Pages')),
    table({ caption, rows: list.items, key, columns }));
}
