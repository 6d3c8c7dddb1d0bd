/** @typedef {Node | string | undefined} Child */
/** @typedef {Record<string, string | number | boolean | undefined>} Attributes */

const svgNames = 'http://www.w3.org/2000/svg';

/** @template {Element} E @param {E} element @param {Attributes} attributes @param {readonly Child[]} children */
function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/**
 * An element of HTML; texts stay texts.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Attributes} attributes @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export const html = (tag, attributes = {}, ...children) => filled(document.createElement(tag), attributes, children);

/**
 * An element of SVG.
 * @param {string} tag @param {Attributes} attributes @param {...Child} children
 */
export const svg = (tag, attributes = {}, ...children) =>
  filled(document.createElementNS(svgNames, tag), attributes, children);

/** The element of the page with an id. @param {string} id */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no #${id}`);
  return element;
}

/**
 * Calls a function only when what it is given has changed, so that focus, selection and open parts stay as they are.
 * @template T @param {(value: T) => void} draw @returns {(value: T) => void}
 */
export function whenChanged(draw) {
  let before = '';
  return (value) => {
    const now = JSON.stringify(value);
    if (now === before) return;
    before = now;
    draw(value);
  };
}

/** Sets a text if it is another one. @param {Element} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * A drawing that is as wide as its place, and drawn again when that changes.
 * @param {(width: number) => Node | undefined} draw
 */
export function drawing(draw) {
  const place = html('div', { class: 'drawing' });
  let width = 0;
  const redraw = () => {
    if (width === 0) return;
    const drawn = draw(width);
    place.replaceChildren(...(drawn === undefined ? [] : [drawn]));
  };
  new ResizeObserver(([entry]) => {
    const now = Math.floor(entry?.contentRect.width ?? 0);
    if (now === width) return;
    width = now;
    redraw();
  }).observe(place);
  return { place, redraw };
}

/**
 * A table with a caption for those who cannot see what is around it. It scrolls, by keys too, where it is too wide.
 * @param {string} caption @param {readonly string[]} heads @param {readonly (readonly Child[])[]} rows
 */
export function table(caption, heads, rows) {
  return html(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    html(
      'table',
      {},
      html('caption', { class: 'unseen' }, caption),
      html('thead', {}, html('tr', {}, ...heads.map((head) => html('th', { scope: 'col' }, head)))),
      html('tbody', {}, ...rows.map((cells) => html('tr', {}, ...cells.map((cell) => html('td', {}, cell))))),
    ),
  );
}
