import type { BoardSpec } from '../../src/night/boards.ts';

/** The one board that there is without settings. */
export const eod = {
  name: 'eod',
  channel: 'C0RONDA',
  zone: 'Asia/Jakarta',
  window: '00:00-06:00',
  updateMinutes: 60,
  services: null,
} satisfies BoardSpec;
