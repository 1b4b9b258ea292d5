// Building and updating elements. Text only ever becomes a text node: nothing here, or anywhere on the page, turns text
// into markup, and the Content-Security-Policy forbids it.

// h makes an element. An attribute that is null, undefined or false is left out; true stands for an empty one. Children
// are elements, texts, numbers, and arrays of them; null, undefined and false are nothing.
export function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(key, value === true ? '' : value);
    }
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
}

// update makes what is in target the same as the elements given, keeping every element that is there already: what has
// the focus keeps it, a picture is not loaded again, a selection stays. Elements in a list are known again by data-key.
// When it is news rather than another place that is shown, the rows that are new are marked as fresh.
export function update(target, children, news) {
  const focused = document.activeElement;
  const wanted = document.createElement('div');
  wanted.append(...children);
  morphChildren(target, wanted, news);
  if (focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
}

function morphChildren(target, source, news) {
  const wanted = new Set(Array.from(source.children, keyOf));
  const known = new Map();
  for (const child of Array.from(target.children)) {
    const key = keyOf(child);
    if (key === null) continue;
    if (wanted.has(key)) known.set(key, child);
    else child.remove();
  }
  let at = target.firstChild;
  for (const next of Array.from(source.childNodes)) {
    const key = keyOf(next);
    const match = key !== null ? known.get(key) : at;
    if (!match || !alike(match, next)) {
      if (news && next.nodeName === 'TR') next.classList.add('fresh');
      target.insertBefore(next, at);
      continue;
    }
    if (match === at) at = at.nextSibling;
    else target.insertBefore(match, at);
    morph(match, next, news);
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.getAttribute('data-key') : null;
}

function alike(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
}

function morph(target, source, news) {
  if (target.nodeType !== Node.ELEMENT_NODE) {
    if (target.data !== source.data) target.data = source.data;
    return;
  }
  const own = target.nodeName === 'DETAILS' ? 'open' : null; // people open and close them
  for (const { name } of Array.from(target.attributes)) {
    if (name !== own && !source.hasAttribute(name)) target.removeAttribute(name);
  }
  for (const { name, value } of source.attributes) {
    if (name !== own && target.getAttribute(name) !== value) target.setAttribute(name, value);
  }
  if (target.nodeName === 'INPUT' && target !== document.activeElement) target.value = source.value;
  morphChildren(target, source, news);
}
