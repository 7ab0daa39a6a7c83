// Elements by hand: whatever is put into them is text.

/** An element. Attributes that are null or false are left out; functions are listeners. */
export function element(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same within a picture. */
export function drawn(tag, attributes = {}, ...children) {
  return filled(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') made.addEventListener(name, value);
    else made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** Says something to whoever does not see the page. */
export function announce(text) {
  document.getElementById('status').textContent = text;
}

/** A share as percent. */
export const percentOf = (value) => (value === null ? '–' : (value * 100).toFixed(2));

/** A number with few digits. */
export const shortNumber = (value) => (value === null ? '–' : String(Math.round(value * 1e4) / 1e4));

/** A file that the page makes. */
export function download(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = element('a', { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** A text of which no mark is invisible: control, direction and zero-width characters as escapes. */
export function visible(text) {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, (mark) => {
    const code = mark.codePointAt(0).toString(16).padStart(4, '0');
    return `\u27e8U+${code.toUpperCase()}\u27e9`;
  });
}
