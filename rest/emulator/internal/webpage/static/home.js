// The server: its sites, what was changed last, and how to begin.

import { h } from './dom.js';
import { count, number } from './format.js';
import { pageOf, siteLink, withQuery } from './route.js';
import { contentName, heading, icon, name, pager, range, searchField, section, stretch, table, when } from './parts.js';
import { beginning } from './connect.js';

export const home = {
  sources(route) {
    return [['sites', { search: route.query.get('search') ?? '', ...stretch(route) }]];
  },
  paint(route, overview, [sites]) {
    return {
      title: 'Sites',
      summary: `${count(overview.contents, 'thing')} published.`,
      body: [
        heading('Sites', h('p', { class: 'lead' }, 'A Tableau Server for tests at ', h('code', {}, location.origin),
          `, REST API ${overview.api}.`)),
        overview.contents === 0 && beginning(overview, ''),
        siteList(route, sites, overview),
        overview.recent?.length > 0 && section('recent', 'Changed last', recent(overview.recent)),
      ],
    };
  },
};

function siteList(route, sites, overview) {
  const searched = route.query.has('search') || pageOf(route) > 0;
  return h('section', { 'data-key': 'sites', 'aria-label': 'Sites' },
    (searched || sites.total > 10) && h('div', { class: 'tools', 'data-key': 'tools' },
      searchField(route, 'Search sites'), h('p', { class: 'range', id: 'range', tabindex: '-1' }, range(sites, 'site')),
      pager(route, sites, 'Pages')),
    sites.total === 0 && h('div', { class: 'empty', 'data-key': 'none' }, h('p', {}, 'No site has that in its name.'),
      h('p', {}, h('a', { class: 'button', href: withQuery(route, { search: '', page: '' }) }, 'Show all sites'))),
    sites.total > 0 && siteTable(sites, overview));
}

function siteTable(sites, overview) {
  return table({
    caption: `Sites of ${overview.product}`,
    rows: sites.items,
    key: (site) => site.luid,
    columns: [
      {
        title: 'Site',
        cell: (site) => h('span', { class: 'thing' }, icon('site'),
          h('a', { href: siteLink(site.contentUrl), 'data-stop': true }, name(site.name))),
      },
      { title: 'Content URL', cell: (site) => site.contentUrl === '' ? h('span', { class: 'quiet' }, 'none (the Default site)') : h('code', {}, site.contentUrl) },
      ...['workbooks', 'datasources', 'flows', 'projects', 'users'].map((key) => ({
        title: key === 'datasources' ? 'Data sources' : key[0].toUpperCase() + key.slice(1),
        className: 'number', cell: (site) => number(site[key]),
      })),
    ],
  });
}

function recent(rows) {
  return table({
    caption: 'What was changed last on any site',
    rows,
    key: (row) => row.luid,
    columns: [
      { title: 'Name', cell: contentName },
      { title: 'Site', cell: (row) => name(row.siteName) },
      { title: 'Project', cell: (row) => name(row.project.name) },
      { title: 'Owner', cell: (row) => name(row.owner) },
      { title: 'Changed', cell: (row) => when(row.updatedAt) },
    ],
  });
}
