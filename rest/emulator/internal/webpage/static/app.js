// The page: it shows what the address asks for, and asks the server every second whether something has changed.

import { h, update } from './dom.js';
import { parse, withQuery } from './route.js';
import { home } from './home.js';
import { connect } from './connect.js';
import { site } from './site.js';
import { content } from './content.js';
import { jobs, requests } from './activity.js';
import { heading } from './parts.js';

const views = { home, connect, site, content, jobs, requests };
const elements = Object.fromEntries(
  ['main', 'nav', 'live', 'foot', 'status', 'skip'].map((id) => [id, document.getElementById(id)]));

const answers = new Map(); // what the server answered last, by address; a page gone back to is there at once
const maxAnswers = 60;
const scrolled = new Map(); // how far a place was scrolled when it was left

let shown = { hash: null, path: null, version: null, summary: '' };

// Silence is a server that does not answer, or not as this page expects.
class Silence extends Error {}

function addressOf([name, parameters]) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== ''));
  return `/emulator/page/data/${name}${query.size > 0 ? `?${query}` : ''}`;
}

async function load(source) {
  const address = addressOf(source);
  let answer;
  try {
    const response = await fetch(address, { cache: 'no-cache' });
    if (!response.ok) throw new Silence();
    answer = await response.json();
  } catch {
    throw new Silence();
  }
  answers.delete(address);
  answers.set(address, answer);
  if (answers.size > maxAnswers) answers.delete(answers.keys().next().value);
  return answer;
}

let turn = 0; // counts the refreshes, so that a late answer does not show over a newer one

// refresh shows the place of the address: at once what is known of it, then what the server says.
async function refresh() {
  const mine = ++turn;
  const route = parse(location.hash);
  const sources = [['overview', {}], ...(views[route.view]?.sources(route) ?? [])];
  const before = sources.map((source) => answers.get(addressOf(source)));
  if (route.path !== shown.path && before.every(Boolean)) paint(route, before);
  const data = await Promise.all(sources.map(load));
  if (mine === turn) paint(route, data);
}

function paint(route, [overview, ...data]) {
  const view = data.includes(null) ? missing : views[route.view] ?? missing;
  show(route, overview, view.paint(route, overview, data));
}

const missing = {
  paint: () => ({
    title: 'Not found',
    summary: 'This is not on the server.',
    body: [heading('Not found', h('p', { class: 'lead' }, 'This is not on the server, or not any more.')),
      h('p', {}, h('a', { class: 'button', href: '#/' }, 'All sites'))],
  }),
};

// show puts a view on the page. Who has come from elsewhere is taken to its heading; who was here already is not
// disturbed, and hears in a few words what is new.
function show(route, overview, { title, summary, body }) {
  const place = location.hash;
  const moved = place !== shown.hash;
  document.title = `${title} – Tableau emulator`;
  update(elements.nav, navigation(route, overview), !moved);
  const focused = document.activeElement;
  if (route.path !== shown.path) elements.main.replaceChildren();
  update(elements.main, body.filter(Boolean), !moved);
  if (moved && shown.hash !== null) arrive(route.path !== shown.path);
  else if (focused !== document.body && !focused.isConnected) elements.main.querySelector('h1').focus({ preventScroll: true });
  if (!moved && summary !== shown.summary) announce(summary);
  shown = { hash: place, path: route.path, version: overview.version, summary };
}

let returning = false; // by the back or forward button
let typing = false; // a search is on its way to the address

function arrive(elsewhere) {
  if (typing) {
    typing = false;
    return;
  }
  const target = (!elsewhere && document.getElementById('range')) || elements.main.querySelector('h1');
  target.focus({ preventScroll: true });
  if (returning) scrollTo(0, scrolled.get(location.hash) ?? 0);
  else if (elsewhere) scrollTo(0, 0);
  else target.scrollIntoView({ block: 'nearest' });
}

function navigation(route, overview) {
  const current = route.view === 'site' || route.view === 'content' ? 'home' : route.view;
  const link = (view, href, title, more) => h('li', { 'data-key': view },
    h('a', { href, 'aria-current': current === view ? (route.view === view ? 'page' : 'true') : null }, title, more));
  return [h('ul', {},
    link('home', '#/', 'Sites'),
    link('jobs', '#/jobs', 'Jobs', overview.running > 0 && h('span', { class: 'badge' }, String(overview.running), h('span', { class: 'unseen' }, ' running'))),
    link('requests', '#/requests', 'Requests'),
    link('connect', '#/connect', 'Connect'))];
}

let announced = 0;
let waiting = null;

// announce tells people who listen to the page, at most every five seconds, the last that there is to say.
function announce(text) {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    announced = Date.now();
    elements.status.textContent = text;
  }, Math.max(0, announced + 5000 - Date.now()));
}

const interval = 1000; // milliseconds between questions; more while the server is silent
let silent = 0;

async function poll() {
  try {
    if (document.hidden) return;
    const { version } = await load(['overview', {}]);
    if (version !== shown.version || silent > 0) await refresh();
    silent = 0;
    showLive(true);
  } catch (problem) {
    fallSilent(problem);
  } finally {
    setTimeout(poll, Math.min(interval * 2 ** silent, 8000));
  }
}

function fallSilent(problem) {
  if (!(problem instanceof Silence)) throw problem;
  silent++;
  showLive(false);
}

function showLive(live) {
  const text = live ? 'Live' : 'No answer';
  elements.live.hidden = false;
  if (elements.live.textContent === text) return;
  elements.live.textContent = text;
  elements.live.classList.toggle('off', !live);
  if (!live) announce('The server does not answer. Trying again.');
}

async function go() {
  try {
    await refresh();
    showLive(true);
  } catch (problem) {
    fallSilent(problem);
  } finally {
    returning = false;
  }
}

addEventListener('popstate', () => {
  scrolled.set(shown.hash, scrollY);
  returning = history.state !== null;
  history.replaceState('seen', '');
  go();
});

let searching = null;

document.addEventListener('input', (event) => {
  if (event.target.id !== 'search') return;
  clearTimeout(searching);
  searching = setTimeout(() => {
    typing = true;
    history.replaceState('seen', '', withQuery(parse(location.hash), { search: event.target.value, page: '' }));
    go();
  }, 150);
});

document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy]');
  if (!button) return;
  await copy(button.dataset.copy);
  elements.status.textContent = 'Copied.';
  const title = button.textContent;
  if (title === 'Copied') return; // a moment ago
  button.textContent = 'Copied';
  setTimeout(() => { button.textContent = title; }, 1500);
});

// copy takes the clipboard where the browser gives it, which it does not on plain http from another machine.
async function copy(text) {
  try {
    return await navigator.clipboard.writeText(text);
  } catch {
    copySelected(text);
  }
}

function copySelected(text) {
  const field = h('textarea', { class: 'unseen', readonly: true });
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}

// The arrow keys go from row to row, and from project to project.
document.addEventListener('keydown', (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const list = event.target.closest('[data-arrows]');
  if (!step || !list || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const stops = Array.from(list.querySelectorAll('[data-stop]'));
  const next = stops[stops.indexOf(event.target) + step];
  if (!stops.includes(event.target)) return;
  event.preventDefault();
  next?.focus();
});

elements.skip.addEventListener('click', () => elements.main.querySelector('h1, p')?.focus());
document.addEventListener('visibilitychange', () => { if (!document.hidden) go(); });

history.replaceState('seen', '');
await go();
setTimeout(poll, interval);
