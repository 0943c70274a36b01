import type { MessengerApi } from '../../../../src/transports/slack/messenger/leased-row.ts';
import {
  AmbiguousError,
  RateLimitedError,
  UnsentError,
} from '../../../../src/transports/slack/slack-errors.ts';
import type { MessageTable } from '../../../../src/store/messages/messages.ts';
import type { FakeSlack } from '../fake-api.ts';

/** One call of a process that waits for its turn to happen. */
type Step = {
  readonly process: number;
  readonly name: string;
  /** When the process came to it, real ms. */
  readonly since: number;
  readonly run: () => Promise<void>;
  readonly fail: (error: Error) => void;
  /** The effect alone, without the process hearing of it. */
  readonly effect: () => Promise<unknown>;
};

export type World = {
  readonly time: { at: number };
  readonly slack: FakeSlack;
  readonly table: MessageTable;
  readonly leaseMs: number;
};

export class Hiccup extends Error {}

/**
 * Runs processes one call at a time in an order that `choices` decide, with every misfortune in between: a
 * process dies before or after a call took effect, an answer is lost, a post lands late, time passes while
 * somebody is in the middle of something.
 */
export function createInterleaver(world: World) {
  let waiting: Step[] = [];
  const late: { readonly at: number; readonly land: () => void }[] = [];
  const dead = new Set<number>();
  /** A post that began when its lease had all but ended: what follows is beyond what any lease can promise. */
  const spared = new Set<number>();
  let calm = false;
  let pausing = true;

  const stopAt = <T>(process: number, name: string, work: () => Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (dead.has(process)) return;
      waiting.push({
        process,
        name,
        since: world.time.at,
        effect: work,
        fail: reject,
        run: async () => {
          try {
            resolve(await work());
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        },
      });
    });

  const landDue = (): void => {
    for (const one of late.splice(0)) {
      if (one.at <= world.time.at) one.land();
      else late.push(one);
    }
  };
  const kill = (process: number): void => {
    dead.add(process);
    waiting = waiting.filter((step) => step.process !== process);
  };

  const happen = async (step: Step, fate: number): Promise<void> => {
    waiting = waiting.filter((one) => one !== step);
    const isPost = step.name === 'post';
    if (isPost && world.time.at - step.since > world.leaseMs / 12) spared.add(step.process);
    if (calm || spared.has(step.process) || fate >= 10) {
      await step.run();
      return;
    }
    switch (fate) {
      case 0:
        kill(step.process);
        return;
      case 1:
        await step.effect().catch(() => undefined);
        kill(step.process);
        return;
      case 2:
        await step.effect().catch(() => undefined);
        step.fail(answerLost(step));
        return;
      case 3:
        step.fail(answerLost(step));
        return;
      case 4:
        if (!isSlack(step)) {
          await step.run();
          return;
        }
        step.fail(new RateLimitedError(step.name, 1_000));
        return;
      case 5:
        if (!isSlack(step)) {
          await step.run();
          return;
        }
        step.fail(new UnsentError(step.name, 'refused'));
        return;
      case 6:
      case 7: {
        if (!isPost) {
          await step.run();
          return;
        }
        const { effect } = step;
        late.push({ at: world.time.at + world.leaseMs * 0.6, land: () => void effect() });
        step.fail(new AmbiguousError('chat.postMessage', 'timed out'));
        if (fate === 7) kill(step.process);
        return;
      }
      default: {
        await step.run();
        return;
      }
    }
  };

  return {
    dead,
    pause: (process: number) => (ms: number) =>
      stopAt(process, 'pause', () => {
        if (pausing) world.time.at += ms;
        return Promise.resolve();
      }),
    table: (process: number): MessageTable => ({
      read: (key) => stopAt(process, 'read', () => world.table.read(key)),
      create: (row) => stopAt(process, 'create', () => world.table.create(row)),
      swap: (row, rev) => stopAt(process, 'swap', () => world.table.swap(row, rev)),
    }),
    api: (process: number): MessengerApi => ({
      turn: (...args) => stopAt(process, 'turn', () => world.slack.turn(...args)),
      post: (request) => stopAt(process, 'post', () => world.slack.post(request)),
      update: (request) => stopAt(process, 'update', () => world.slack.update(request)),
      delete: (...args) => stopAt(process, 'delete', () => world.slack.delete(...args)),
      history: (request) => stopAt(process, 'history', () => world.slack.history(request)),
      replies: (request) => stopAt(process, 'replies', () => world.slack.replies(request)),
      authTest: () => stopAt(process, 'authTest', () => world.slack.authTest()),
    }),
    /** One thing happens. @returns false when nobody waits for anything */
    step: async (choice: number, fate: number): Promise<boolean> => {
      await settled();
      landDue();
      const step = waiting[choice % Math.max(waiting.length, 1)];
      if (step === undefined) return false;
      await happen(step, fate);
      await settled();
      return true;
    },
    /** Everybody who is alive goes on, unharmed, until nobody waits for anything. */
    rest: async (): Promise<void> => {
      for (;;) {
        await settled();
        const [step] = waiting;
        if (step === undefined) return;
        await happen(step, 99);
      }
    },
    /** A pause is a moment like any other. */
    stopTimeInPauses: (): void => {
      pausing = false;
    },
    pass: (ms: number): void => {
      world.time.at += ms;
      landDue();
    },
    /** From now on nothing goes wrong any more. */
    calmDown: (): void => {
      calm = true;
    },
  };
}

function isSlack({ name }: Step): boolean {
  return !['read', 'create', 'swap', 'pause'].includes(name);
}

function answerLost(step: Step): Error {
  if (!isSlack(step)) return new Hiccup(`${step.name}: the answer got lost`);
  return new AmbiguousError(step.name === 'post' ? 'chat.postMessage' : step.name, 'timed out');
}

/** Lets every promise that can go on do so. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
