// A site or one of its projects: the project tree, and what is published there.

import { h } from './dom.js';
import { count, number, size } from './format.js';
import { projectLink, siteLink, withQuery } from './route.js';
import {
  contentName, copyable, crumbs, facts, grants, heading, icon, kinds, name, pager, range, searchField, section, setBy, siteCrumbs,
  stretch, table, when,
} from './parts.js';
import { beginning } from './connect.js';

const wide = matchMedia('(min-width: 56rem)');

export const site = {
  sources(route) {
    return [
      ['projects', { site: route.site, at: route.project }],
      ['contents', {
        site: route.site, project: route.project, ...stretch(route),
        search: route.query.get('search') ?? '', kind: route.query.get('kind') ?? '', sort: route.query.get('sort') ?? '',
      }],
    ];
  },
  paint(route, overview, [projects, contents]) {
    const { site: where, open, path } = projects;
    const title = open ? open.name : where.name;
    return {
      title,
      summary: `${range(contents, 'thing')} in ${title}.`,
      body: [
        crumbs(...siteCrumbs(where, path ?? []).slice(0, -1)),
        heading(name(title), open ? projectLead(open) : siteLead(where)),
        h('div', { class: 'split', 'data-key': 'split' },
          tree(projects),
          h('div', { class: 'main', 'data-key': 'main' },
            contentList(route, overview, projects, contents), open && about(where, open))),
      ],
    };
  },
};

function siteLead(where) {
  return h('p', { class: 'lead' }, where.contentUrl === ''
    ? 'The Default site; its content URL is empty.'
    : ['Content URL ', h('code', {}, where.contentUrl), '.']);
}

function projectLead(project) {
  return project.description !== '' && h('p', { class: 'lead' }, name(project.description));
}

function tree(projects) {
  const { site: where, open, tree: top } = projects;
  return h('details', { class: 'tree', open: wide.matches, 'data-key': 'tree' },
    h('summary', {}, 'Projects ', h('span', { class: 'quiet' }, number(where.projects))),
    h('nav', { 'aria-label': 'Projects', 'data-arrows': true },
      h('a', { href: siteLink(where.contentUrl), 'data-stop': true, 'aria-current': open ? null : 'page' }, 'All projects'),
      branches(where, open, top)));
}

function branches(where, open, list) {
  return h('ul', {}, list.items.map((branch) => h('li', { 'data-key': branch.luid },
    h('a', {
      href: projectLink(where.contentUrl, branch.luid), 'data-stop': true,
      'aria-current': open && open.luid === branch.luid ? 'page' : null,
    }, icon('folder'), name(branch.name),
    branch.contents > 0 && h('span', { class: 'quiet tally', title: `${branch.contents} published` }, number(branch.contents))),
    branch.under && branches(where, open, branch.under))),
  list.items.length < list.total && h('li', { class: 'quiet', 'data-key': 'more' },
    `and ${number(list.total - list.items.length)} more`));
}

function contentList(route, overview, projects, contents) {
  const asked = ['search', 'kind', 'page'].some((key) => route.query.has(key));
  const where = projects.site;
  if (contents.total === 0 && !asked) {
    if (where.workbooks + where.datasources + where.flows === 0) return beginning(overview, where.contentUrl);
    return h('div', { class: 'empty', 'data-key': 'none' }, h('p', {}, 'Nothing is published in this project.'));
  }
  return h('section', { 'data-key': 'contents', 'aria-label': 'Published' },
    h('div', { class: 'tools', 'data-key': 'tools' }, searchField(route, 'Search by name'), kindFilter(route)),
    h('div', { class: 'tools', 'data-key': 'range' },
      h('p', { class: 'range', id: 'range', tabindex: '-1' }, range(contents, 'item')),
      pager(route, contents, 'Pages')),
    contents.items.length === 0
      ? h('div', { class: 'empty', 'data-key': 'none' }, h('p', {}, 'Nothing here has that in its name.'),
        h('p', {}, h('a', { class: 'button', href: withQuery(route, { search: '', kind: '', page: '' }) }, 'Show everything')))
      : contentTable(route, projects, contents),
    contents.items.length > 10 && pager(route, contents, 'Pages below'));
}

function kindFilter(route) {
  const current = route.query.get('kind') ?? '';
  const choice = (kind, title) => h('li', { 'data-key': `kind-${kind}` }, h('a', {
    href: withQuery(route, { kind, page: '' }), 'aria-current': current === kind ? 'true' : null,
  }, title));
  return h('nav', { class: 'choices', 'aria-label': 'Kind', 'data-key': 'kind' }, h('ul', {},
    choice('', 'All'), Object.entries(kinds).map(([kind, { many }]) => choice(kind, many))));
}

function contentTable(route, projects, contents) {
  const byName = route.query.get('sort') === 'name';
  const sorter = (title, sort, active) => h('a', { href: withQuery(route, { sort, page: '' }) }, title,
    h('span', { class: `arrow${active ? ' on' : ''}`, 'aria-hidden': 'true' }, sort === 'name' ? '↑' : '↓'));
  return table({
    caption: `Published ${projects.open ? `in project ${projects.open.name}` : `on site ${projects.site.name}`}`,
    rows: contents.items,
    key: (row) => row.luid,
    columns: [
      { title: sorter('Name', 'name', byName), sorted: byName ? 'ascending' : null, cell: contentName },
      !projects.open && { title: 'Project', cell: (row) => name(row.project.name) },
      { title: 'Holds', cell: holds },
      { title: 'Owner', cell: (row) => name(row.owner) },
      { title: sorter('Changed', '', !byName), sorted: byName ? null : 'descending', cell: (row) => when(row.updatedAt) },
      { title: 'Size', className: 'number', cell: (row) => size(row.bytes) },
    ].filter(Boolean),
  });
}

function holds(row) {
  const classes = (row.classes ?? []).join(', ');
  return row.kind === 'workbooks' ? count(row.views, 'view') : h('span', {}, classes === '' ? '–' : classes);
}

function about(where, project) {
  return section('about', 'About this project',
    facts(
      ['Owner', name(project.owner)],
      ['Content permissions', project.contentPermissions],
      ['Changed', when(project.updatedAt)],
      ['LUID', copyable(project.luid, 'the LUID'), true]),
    h('h3', {}, 'Permissions'),
    setBy(where, project.setBy),
    !project.permissions?.length && h('p', { class: 'quiet' }, 'Nobody was given a permission on the project itself.'),
    project.permissions?.length > 0 && grants(project.permissions, `Permissions on project ${project.name}`),
    (project.defaults ?? []).filter((d) => d.permissions?.length > 0).map((d) => h('details', { class: 'fold', 'data-key': d.kind },
      h('summary', {}, `Defaults for ${d.kind}`), grants(d.permissions, `Default permissions for ${d.kind}`))));
}
