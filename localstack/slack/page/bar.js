import { make, showParts } from './dom.js';

/**
 * Where one can go, and who acts.
 * @typedef {import('./page.d.ts').Known} Known
 */

/**
 * @param {Document} document
 * @param {{ places: HTMLElement, users: HTMLSelectElement }} parts
 */
export function createBar(document, { places, users }) {
  const shownPlaces = new Map();
  const shownUsers = new Map();
  return {
    /** @param {Known} known @param {string} here the address of the place that is open */
    showPlaces: ({ channels }, here) => {
      const all = [
        ...channels.map(({ id, name }) => ({ href: `#${id}`, label: `# ${name}` })),
        { href: '#home', label: 'App Home' },
      ];
      const links = all.map(({ href, label }) => ({
        key: href,
        stamp: [label, href === here],
        build: () =>
          make(document, 'a', { href, 'data-focus': href, 'aria-current': href === here && 'page' }, [label]),
      }));
      showParts(places, links, shownPlaces);
    },
    /** @param {Known} known @param {string} me */
    showUsers: (known, me) => {
      const options = known.users.map(({ id, name }) => ({
        key: id,
        stamp: [name],
        build: () => make(document, 'option', { value: id }, [name]),
      }));
      showParts(users, options, shownUsers);
      users.value = me;
    },
  };
}
