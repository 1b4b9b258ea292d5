// The addresses of the page. They follow those of Tableau Server, so that the webpageUrl which the REST API answers for
// a workbook opens it here:
//
//	#/                                 the server
//	#/connect  #/jobs  #/requests
//	#/explore                          the Default site; with a content URL #/site/finance/explore
//	#/projects/{luid}                  a project of it
//	#/workbooks/{number}               a workbook; so datasources, flows
//
// Behind a question mark: search, kind, sort, page.

export function parse(hash) {
  const [path, query] = split(hash.replace(/^#/, ''));
  const words = path.split('/').filter((word) => word !== '').map(decode);
  const route = { path, query: new URLSearchParams(query), view: 'home', site: '' };
  if (words[0] === 'site' && words.length > 2) {
    route.site = words[1];
    words.splice(0, 2);
  }
  const [view = 'home', id] = words;
  if (words.length === 2 && ['workbooks', 'datasources', 'flows'].includes(view) && /^\d{1,15}$/.test(id)) {
    return { ...route, view: 'content', kind: view, number: id };
  }
  if (words.length === 2 && view === 'projects') return { ...route, view: 'site', project: id };
  if (words.length === 1 && view === 'explore') return { ...route, view: 'site', project: '' };
  if (words.length <= 1 && ['home', 'connect', 'jobs', 'requests'].includes(view)) return { ...route, view };
  return { ...route, view: 'missing' };
}

function split(text) {
  const at = text.indexOf('?');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(word) {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

export function siteLink(site) {
  return inSite(site, 'explore');
}

export function projectLink(site, luid) {
  return inSite(site, `projects/${encodeURIComponent(luid)}`);
}

export function contentLink(row) {
  return inSite(row.site, `${row.kind}/${row.number}`);
}

function inSite(site, rest) {
  return site === '' ? `#/${rest}` : `#/site/${encodeURIComponent(site)}/${rest}`;
}

// withQuery is the address of the same place with some parameters of its query changed; '' removes one.
export function withQuery(route, changes) {
  const query = new URLSearchParams(route.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  return `#${route.path || '/'}${text === '' ? '' : `?${text}`}`;
}

// pageSize is how many rows a list shows at once.
export const pageSize = 50;

// pageOf is the number of the page that a route asks for, from 0.
export function pageOf(route) {
  const page = Number.parseInt(route.query.get('page') ?? '1', 10);
  return Number.isSafeInteger(page) && page > 1 ? page - 1 : 0;
}
