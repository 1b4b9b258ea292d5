// How to sign in and publish: the address of this server in lines to copy.

import { h } from './dom.js';
import { copyButton, facts, heading, section } from './parts.js';

export const connect = {
  sources() {
    return [];
  },
  paint(route, overview) {
    return {
      title: 'Connect',
      summary: '',
      body: [
        heading('Connect', h('p', { class: 'lead' }, 'Any client of the Tableau REST API can sign in and publish here.')),
        section('signin', 'Sign in', facts(
          ['Server', h('code', {}, location.origin)],
          ['REST API', h('code', {}, overview.api)],
          ['Who', who(overview.signIn), true],
          ['Sites', overview.signIn.open
            ? 'Any content URL; a site is made when somebody first signs in to it. Empty is the Default site.'
            : 'The content URL of a site. Empty is the Default site.', true])),
        section('publish', 'Publish', ways(overview, '')),
      ],
    };
  },
};

// beginning is shown where nothing is published.
export function beginning(overview, site) {
  return h('section', { class: 'begin', 'data-key': 'begin', 'aria-labelledby': 'begin' },
    h('h2', { id: 'begin' }, 'Nothing is published yet'),
    h('p', {}, 'Sign in and publish; it appears here at once. ', who(overview.signIn)),
    ways(overview, site));
}

function who(signIn) {
  if (signIn.open) return 'Any name and password is let in, and any personal access token.';
  const user = signIn.user && ['user ', h('strong', {}, signIn.user), ' with the password'];
  const token = signIn.token && ['personal access token ', h('strong', {}, signIn.token), ' with the secret'];
  return ['Sign in as ', user || token, ' this server was started with.'].flat();
}

function ways(overview, site) {
  const lines = commands(location.origin, overview, site);
  return h('div', { class: 'ways', 'data-key': 'ways' }, lines.map(([title, hint, text], i) =>
    h('details', { name: 'ways', open: i === 0, 'data-key': title },
      h('summary', {}, title, ' ', h('span', { class: 'quiet' }, hint)),
      h('div', { class: 'code' }, copyButton(text, `the lines for ${title}`),
        h('pre', { tabindex: '0', 'aria-label': `Lines for ${title}` }, h('code', {}, text))))));
}

// commands are the ways to publish Sales.twbx: title, hint, lines.
function commands(origin, overview, site) {
  const user = overview.signIn.user || 'me';
  const xml = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.codePointAt(0)};`);
  const shell = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
  return [
    ['curl', 'for a shell', `API=${origin}/api/${overview.api}
ANSWER=$(curl -s $API/auth/signin -d ${shell(`<tsRequest><credentials name="${xml(user)}" password="PASSWORD"><site contentUrl="${site}"/></credentials></tsRequest>`)})
TOKEN=$(echo "$ANSWER" | sed 's/.* token="\\([^"]*\\)".*/\\1/')
SITE=$(echo "$ANSWER" | sed 's/.*<site id="\\([^"]*\\)".*/\\1/')
curl -s "$API/sites/$SITE/workbooks?overwrite=true" -H "X-Tableau-Auth: $TOKEN" \\
  --form-string 'request_payload=<tsRequest><workbook name="Sales"/></tsRequest>' \\
  -F 'tableau_workbook=@Sales.twbx'`],
    ['tableauserverclient', 'for Python', `import tableauserverclient as TSC

server = TSC.Server(${JSON.stringify(origin)}, use_server_version=True)
with server.auth.sign_in(TSC.TableauAuth(${JSON.stringify(user)}, "PASSWORD", site_id=${JSON.stringify(site)})):
    project = next(p for p in TSC.Pager(server.projects) if p.name == "Default")
    workbook = TSC.WorkbookItem(project.id, name="Sales")
    server.workbooks.publish(workbook, "Sales.twbx", TSC.Server.PublishMode.Overwrite)`],
    ['tabtemplate', 'one workbook for many sites', `cat > tabtemplate.yaml <<'END'
version: 1
server:
  url: ${origin}
  sign_in: {user: ${JSON.stringify(user)}, password: '\${env("PASSWORD")}'}
sites:
  first: {content_url: ${JSON.stringify(site)}}
templates:
  sales:
    file: Sales.twbx
    publish: {as: Sales, project: Default}
END
PASSWORD=PASSWORD tabtemplate publish --all`],
  ];
}
