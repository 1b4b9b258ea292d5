'use strict';
// Text only ever becomes text nodes: nothing here turns text into markup.

// h makes an element. Children are elements and texts; null, undefined and false are nothing.
function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (typeof value === 'function') element.addEventListener(key, value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
}

const $ = (id) => document.getElementById(id);
const number = (n) => n.toLocaleString('en');
const count = (n, what) => number(n) + ' ' + what + (n === 1 ? '' : 's');

// isolated is text that does not change the direction of what is around it.
const isolated = (text) => h('bdi', {}, text);
