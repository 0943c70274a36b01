import { expect, test } from '@jest/globals';
import { circleThrough } from '../../src/night/circles.ts';

const among = (graph: Readonly<Record<string, string[]>>) => (id: string) => graph[id] ?? [];

test.each([
  ['itself', { a: ['a'] }, ['a', 'a']],
  ['the shortest way', { a: ['b', 'c'], b: ['d'], d: ['a'], c: ['a'] }, ['a', 'c', 'a']],
  ['through others', { a: ['b'], b: ['x', 'c'], c: ['a'] }, ['a', 'b', 'c', 'a']],
  ['none, though two lead to one', { a: ['b', 'c'], b: ['d'], c: ['d'] }, undefined],
  ['none through it, though there is one beyond', { a: ['b'], b: ['c'], c: ['b'] }, undefined],
])('a circle: %s', (_what, graph, path) => {
  expect(circleThrough('a', among(graph))).toEqual(path);
});
