package browsertest

// Audit tells what is wrong with the page as it is shown: what cannot be read, reached or named, or leads to another server.
func (tab *Tab) Audit() []string {
	tab.t.Helper()
	return Eval[[]string](tab, audit)
}

// audit is a promise of a list.
const audit = `(async () => {
  const problems = [];
  const describe = (e) => e.outerHTML.slice(0, 90);
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const hidden = (e) => !e.checkVisibility({ visibilityProperty: true }) || e.closest('.unseen') !== null;
  await Promise.all(document.getAnimations().map((a) => a.finished));

  const scrolled = (e) => e !== document.body && (/auto|scroll/.test(getComputedStyle(e.parentElement).overflowX) || scrolled(e.parentElement));
  if (document.documentElement.scrollWidth > innerWidth) problems.push('it is wider than the window: ' + document.documentElement.scrollWidth);
  for (const e of all('body *')) {
    if (hidden(e) || e.closest('pre, svg, .skip')) continue;
    const box = e.getBoundingClientRect();
    if (box.width > 0 && box.right > innerWidth + 1 && !e.closest('h1, .description') && !scrolled(e)) problems.push('it reaches out of the window: ' + describe(e));
  }

  for (const [selector, count] of [['main', 1], ['header', 1], ['footer', 1], ['h1', 1], ['nav', -1], ['html[lang]', 1]]) {
    const found = all(selector).length;
    if (count < 0 ? found === 0 : found !== count) problems.push(found + ' of ' + selector);
  }
  let level = 0;
  for (const heading of all('h1, h2, h3, h4')) {
    const next = Number(heading.nodeName[1]);
    if (next > level + 1) problems.push('a heading skips a level: ' + describe(heading));
    level = next;
  }
  const ids = all('[id]').map((e) => e.id);
  for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) problems.push('the id ' + id + ' is there twice');
  for (const e of all('[aria-labelledby]')) if (!document.getElementById(e.getAttribute('aria-labelledby'))) problems.push('no label for ' + describe(e));
  for (const e of all('nav, table, section')) {
    if (!e.hasAttribute('aria-label') && !e.hasAttribute('aria-labelledby') && !e.caption?.textContent) problems.push('without a name: ' + describe(e));
  }
  const labels = all('nav').map((e) => e.getAttribute('aria-label'));
  if (new Set(labels).size !== labels.length) problems.push('two navigations have one name: ' + labels);
  for (const e of all('a, button, summary')) if (!(e.getAttribute('aria-label') ?? e.textContent).trim()) problems.push('without a name: ' + describe(e));
  for (const e of all('a')) if (!/^[#/]/.test(e.getAttribute('href'))) problems.push('it leads elsewhere: ' + describe(e));
  for (const e of all('img')) if (!e.hasAttribute('alt')) problems.push('a picture without alt: ' + describe(e));
  for (const e of all('input')) if (!e.labels.length || !e.labels[0].textContent.trim()) problems.push('a field without label: ' + describe(e));
  for (const e of all('table')) if (all('th').some((th) => !th.scope)) problems.push('a heading without scope: ' + describe(e));

  for (const e of all('a, button, summary, input')) {
    if (hidden(e) || e.closest('.skip')) continue;
    const box = e.getBoundingClientRect();
    if (box.height < 24 || box.width < 24) problems.push('it is hard to hit, ' + box.width + ' by ' + box.height + ': ' + describe(e));
  }

  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return Array.from(canvas.getImageData(0, 0, 1, 1).data);
  };
  const luminance = ([r, g, b]) => [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const color = rgba(getComputedStyle(e).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255, 255];
  };
  const seen = new Set();
  for (const e of all('body *')) {
    const text = Array.from(e.childNodes).some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
    if (!text || hidden(e)) continue;
    const color = rgba(getComputedStyle(e).color);
    const on = ground(e);
    const key = color + ' on ' + on;
    if (seen.has(key)) continue;
    seen.add(key);
    const [light, dark] = [luminance(color), luminance(on)].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) problems.push('the contrast is ' + contrast.toFixed(2) + ', ' + key + ': ' + describe(e));
  }
  return problems;
})()`
