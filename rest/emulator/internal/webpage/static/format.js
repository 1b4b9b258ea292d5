// How numbers, sizes and times are written.

const numbers = new Intl.NumberFormat('en');

export function number(n) {
  return numbers.format(n);
}

// count writes a number with its noun, which takes an s for all numbers but 1.
export function count(n, noun) {
  return `${numbers.format(n)} ${noun}${n === 1 ? '' : 's'}`;
}

export function size(bytes) {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) {
    bytes /= 1000;
    unit++;
  }
  return `${unit > 0 && bytes < 10 ? bytes.toFixed(1) : numbers.format(Math.round(bytes))} ${units[unit]}`;
}

// time writes a time of the server in the time zone of the reader, to the second, in the order that sorts.
export function time(text) {
  const at = new Date(text);
  const two = (n) => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ` +
    `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
