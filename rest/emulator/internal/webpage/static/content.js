// One workbook, data source or flow.

import { h } from './dom.js';
import { count, size } from './format.js';
import {
  copyable, copyButton, crumbs, facts, grants, heading, icon, jobColumns, kinds, name, rest, section, setBy, siteCrumbs, table, tags, when,
} from './parts.js';

export const content = {
  sources(route) {
    return [['content', { site: route.site, kind: route.kind, number: route.number }]];
  },
  paint(route, overview, [item]) {
    return {
      title: item.name,
      summary: `${item.name}: revision ${item.revisions.items[0]?.number ?? 1}, ${count(item.revisions.total, 'revision')}.`,
      body: [
        crumbs(...siteCrumbs(item.in, item.path ?? [])),
        heading(name(item.name), h('p', { class: 'lead' }, icon(item.kind), ' ', kinds[item.kind].one,
          item.certified && h('span', { class: 'state succeeded' }, 'Certified'))),
        item.description !== '' && h('p', { class: 'description', 'data-key': 'description' }, name(item.description)),
        h('p', { class: 'actions', 'data-key': 'actions' },
          h('a', { class: 'button main', href: file(item), download: true },
            'Download ', h('span', { class: 'aside' }, `${extension(item)}, ${size(item.bytes)}`))),
        h('div', { 'data-key': 'facts' }, about(item)),
        item.kind === 'workbooks' && section('views', ['Views ', h('span', { class: 'quiet' }, String(item.views))], views(item)),
        section('connections', title('Connections', item.connections), connections(item)),
        section('revisions', title('Revisions', item.revisions), revisions(item)),
        section('permissions', title('Permissions', item.permissions), setBy(item.in, item.setBy), item.permissions.total === 0
          ? h('p', { class: 'quiet' }, 'Nobody was given a permission on this itself.')
          : [grants(item.permissions.items, `Permissions on ${item.name}`), rest(item.permissions, 'grantee')]),
        item.jobs.total > 0 && section('jobs', title('Jobs', item.jobs), table({
          caption: `Jobs of ${item.name}`, rows: item.jobs.items, key: (job) => job.luid, columns: jobColumns,
        }), rest(item.jobs, 'job')),
      ],
    };
  },
};

function title(text, list) {
  return [text, ' ', h('span', { class: 'quiet' }, String(list.total))];
}

function extension(item) {
  const at = item.fileName.lastIndexOf('.');
  return at < 0 ? item.fileName : item.fileName.slice(at);
}

function file(item, revision) {
  return `/emulator/page/file/${encodeURIComponent(item.luid)}${revision ? `?revision=${revision}` : ''}`;
}

function about(item) {
  return facts(
    ['Owner', name(item.owner)],
    ['Published', when(item.createdAt)],
    ['Changed', when(item.updatedAt)],
    ['Extract', item.hasExtract ? 'In the file' : 'None'],
    ['Certification note', item.certificationNote && name(item.certificationNote)],
    ['Tags', tags(item.tags)],
    ['Content URL', copyable(item.contentUrl, 'the content URL'), true],
    ['LUID', copyable(item.luid, 'the LUID'), true]);
}

// views are the pictures of the views that people can see, and the names of the hidden ones.
function views(item) {
  const hidden = item.viewList.items.filter((view) => view.hidden);
  return [
    h('ul', { class: 'views', 'data-key': 'views' },
      item.viewList.items.filter((view) => !view.hidden).map((view) => picture(item, view))),
    hidden.length > 0 && h('details', { class: 'fold', 'data-key': 'hidden' },
      h('summary', {}, 'Hidden ', h('span', { class: 'quiet' }, String(hidden.length))),
      h('ul', { class: 'tags' }, hidden.map((view) => h('li', { 'data-key': view.luid }, name(view.name))))),
    rest(item.viewList, 'view'),
  ];
}

function picture(item, view) {
  const revision = item.revisions.items[0]?.number ?? 1; // which a browser that kept the picture has not seen yet
  const href = `/emulator/page/picture/${encodeURIComponent(view.luid)}?revision=${revision}`;
  return h('li', { 'data-key': view.luid },
    h('a', { href, target: '_blank', rel: 'noopener' },
      h('span', { class: 'frame' }, h('img', { src: href, alt: '', loading: 'lazy', width: '784', height: '588' })),
      name(view.name), h('span', { class: 'unseen' }, ', picture in a new tab')),
    h('p', { class: 'quiet' }, sheetTypes[view.sheetType] ?? name(view.sheetType), ' ',
      copyButton(view.luid, `the LUID of ${view.name}`, 'Copy LUID')),
    tags(view.tags));
}

const sheetTypes = { worksheet: 'Worksheet', dashboard: 'Dashboard', story: 'Story' };

function connections(item) {
  if (item.connections.total === 0) return h('p', { class: 'quiet' }, 'The file has none.');
  return [table({
    caption: `Connections of ${item.name}`,
    rows: item.connections.items,
    key: (connection) => connection.luid,
    columns: [
      { title: 'Class', cell: (connection) => h('span', { class: 'strong' }, connection.class) },
      { title: 'Server', cell: (connection) => connection.server === '' ? '–' : name(connection.server + (connection.port && `:${connection.port}`)) },
      { title: 'User', cell: (connection) => connection.username === '' ? '–' : name(connection.username) },
      { title: 'Password', cell: (connection) => connection.passwordSet ? 'Embedded' : 'None' },
      { title: 'Data source', cell: (connection) => name(connection.datasource) },
      { title: 'LUID', cell: (connection) => h('code', {}, connection.luid) },
    ],
  }), rest(item.connections, 'connection')];
}

function revisions(item) {
  return [table({
    caption: `Revisions of ${item.name}, the newest first`,
    rows: item.revisions.items,
    key: (revision) => revision.number,
    columns: [
      { title: 'Revision', cell: (revision) => [`${revision.number} `, revision.current && h('span', { class: 'state succeeded' }, 'Current'),
        revision.deleted && h('span', { class: 'state' }, 'Deleted')] },
      { title: 'Published', cell: (revision) => when(revision.publishedAt) },
      { title: 'By', cell: (revision) => name(revision.publisher) },
      { title: 'Size', className: 'number', cell: (revision) => size(revision.bytes) },
      {
        title: 'File',
        cell: (revision) => revision.deleted ? '–' : h('a', { href: file(item, revision.number), download: true, 'data-stop': true },
          'Download', h('span', { class: 'unseen' }, ` revision ${revision.number}`)),
      },
    ],
  }), rest(item.revisions, 'revision')];
}
