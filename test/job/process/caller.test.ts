import { expect, test } from '@jest/globals';
import { inheritedDescriptors, launcherOf, withoutNotes } from '../../../src/job/process/caller.ts';

test('the launcher’s note tells the limit, the ignored signals and the open descriptors', () => {
  expect(launcherOf('17 1024 0000008000001001 0,1,2,3,40,', 17)).toEqual({
    openFiles: '1024',
    ignoredSignals: [1, 13, 40],
    descriptors: [3, 40],
  });
  expect(launcherOf('17 unlimited 0 ', 17)).toEqual({
    openFiles: 'unlimited',
    ignoredSignals: [],
    descriptors: [],
  });
});

test.each(['', '18 1024 0 3,'])('a note that is not of our parent, like %j, is none', (note) => {
  expect(launcherOf(note, 17)).toBeUndefined();
});

test('what the launcher kept from Node has its name again, and its note is gone', () => {
  expect(
    withoutNotes([
      ['RONDA_RUN_LAUNCHER', '17 1024 0 3,'],
      ['RONDA_RUN_KEPT_NODE_OPTIONS', '--inspect'],
      ['A', '1'],
    ]),
  ).toEqual([
    ['NODE_OPTIONS', '--inspect'],
    ['A', '1'],
  ]);
});

test('descriptors that only Node can have opened are not the caller’s', () => {
  const all = new Map([
    [0, { target: '/dev/null', isReadOnly: true }],
    [3, { target: 'anon_inode:[eventpoll]', isReadOnly: false }],
    [4, { target: 'pipe:[7]', isReadOnly: true }],
    [5, { target: 'pipe:[8]', isReadOnly: true }],
    [6, { target: 'pipe:[8]', isReadOnly: false }],
    [7, { target: '/var/lock/job', isReadOnly: false }],
    [8, { target: '/dev/null', isReadOnly: true }],
    [9, { target: '/dev/null', isReadOnly: false }],
    [30, { target: 'socket:[9]', isReadOnly: false }],
  ]);
  expect(inheritedDescriptors(all)).toEqual([4, 7, 9, 30]);
});
