import type { Clock } from '../clock.ts';
import { utc } from '../events/time.ts';
import { openState, type StateTable } from '../store/state/state-rows.ts';
import { changeRow } from '../store/versioned-rows.ts';
import type { Transport } from './transport.ts';

/** Which transports are off, since their other side never wants a delivery any more. */
export type Switches = {
  /** Why a transport is off, for people; undefined: it is on. */
  readonly offBecause: (transport: Pick<Transport, 'name'>) => string | undefined;
  /** Looks what other processes have switched; at most twice a minute. */
  readonly refresh: () => Promise<void>;
  /** Turns a transport off for all processes, until it is set to another address, or a test of it succeeds. */
  readonly turnOff: (transport: Transport, why: string) => Promise<void>;
};

const lookEveryMs = 30_000;

/** The switches of the transports that have an address; the others are always on. */
export function createSwitches(table: StateTable, transports: readonly Transport[], clock: Clock): Switches {
  const addressed = transports.filter(({ address }) => address !== undefined);
  const off = new Map<string, string>();
  let looked = -Infinity;
  return {
    offBecause: ({ name }) => off.get(name),
    refresh: async () => {
      if (addressed.length === 0 || clock.monotonic() - looked < lookEveryMs) return;
      for (const { name, address } of addressed) {
        const details = (await table.read({ key: keyOf(name) }))?.details;
        if (details?.['address'] === address && typeof details?.['off'] === 'string')
          off.set(name, details['off']);
        else off.delete(name);
      }
      looked = clock.monotonic();
    },
    turnOff: async (transport, why) => {
      off.set(transport.name, why);
      await setSwitch(table, transport, why, clock);
    },
  };
}

/** Writes down that a transport is off, or with null that it is on. */
export async function setSwitch(
  table: StateTable,
  { name, address }: Pick<Transport, 'name' | 'address'>,
  off: string | null,
  clock: Clock,
): Promise<void> {
  const created_at = utc(clock.now());
  await openState(table, keyOf(name), created_at);
  await changeRow(table, { key: keyOf(name) }, (row) => ({
    ...row,
    created_at,
    details: { off, address: address ?? null },
  }));
}

function keyOf(name: string): string {
  return `transport/${name}`;
}
