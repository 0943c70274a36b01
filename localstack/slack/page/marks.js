/**
 * The marks of mrkdwn that format what they enclose.
 * @typedef {import('./mrkdwn.d.ts').Inline} Inline
 */

/** @type {ReadonlyMap<string, 'bold' | 'italic' | 'strike'>} */
const styles = new Map([
  ['*', 'bold'],
  ['_', 'italic'],
  ['~', 'strike'],
]);
const wordCharacter = /[\p{L}\p{N}]/u;

/**
 * Bold, italic and struck text: a mark opens before a non-space at the edge of a word and closes after one.
 * @param {readonly (string | Inline)[]} atoms
 * @param {string} open the marks that are open around these
 * @returns {Inline[]}
 */
export function styled(atoms, open = '') {
  /** @type {Inline[]} */
  const nodes = [];
  // Where no later mark closes one of a kind, none closes the next of that kind either: it is not looked for.
  let hopeless = open;
  let run = '';
  const flush = () => {
    if (run !== '') nodes.push({ type: 'text', text: run });
    run = '';
  };
  for (let at = 0; at < atoms.length; at += 1) {
    const atom = atoms[at] ?? '';
    if (typeof atom !== 'string') {
      if (atom.type === 'text') run += atom.text;
      else {
        flush();
        nodes.push(atom);
      }
      continue;
    }
    const style = hopeless.includes(atom) ? undefined : styles.get(atom);
    const end = style && opens(atoms, at) ? closerOf(atoms, at) : undefined;
    if (end === -1) hopeless += atom;
    if (style === undefined || end === undefined || end === -1) {
      run += atom;
      continue;
    }
    flush();
    nodes.push({ type: style, children: styled(atoms.slice(at + 1, end), open + atom) });
    at = end;
  }
  flush();
  return nodes;
}

/** @returns {boolean} */
function opens(/** @type {readonly (string | Inline)[]} */ atoms, /** @type {number} */ at) {
  return !isWord(atoms[at - 1]) && !isSpace(atoms[at + 1]) && atoms[at + 1] !== atoms[at];
}

/** @returns {number} the index, -1 if nothing closes the mark */
function closerOf(/** @type {readonly (string | Inline)[]} */ atoms, /** @type {number} */ from) {
  for (let at = from + 2; at < atoms.length; at += 1) {
    if (atoms[at] === atoms[from] && !isSpace(atoms[at - 1]) && !isWord(atoms[at + 1])) return at;
  }
  return -1;
}

/** @returns {boolean} */
function isWord(/** @type {string | Inline | undefined} */ atom) {
  return typeof atom === 'string' && wordCharacter.test(atom);
}

/** @returns {boolean} */
function isSpace(/** @type {string | Inline | undefined} */ atom) {
  return atom === undefined || (typeof atom === 'string' && /\s/.test(atom));
}
