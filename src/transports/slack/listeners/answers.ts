import { timedOut, within } from '../../../clock.ts';
import type { Logger } from '../../../log.ts';
import type { Block, Content } from '../content.ts';
import { RefusedError } from '../slack-errors.ts';

/** How a person who clicked or typed is answered: to them alone, and in time. */

/** An answer in the form that Slack takes in an acknowledgement and at a response URL. */
export type Message = {
  readonly response_type: 'ephemeral';
  /** Without it an answer to a button would take the place of the alert. */
  readonly replace_original: false;
  text: string;
  blocks: Block[];
};
export type Ack = (answer?: Message) => Promise<void>;
/** Bolt's `respond`: gives the HTTP response of the response URL; a status other than 2xx rejects. */
export type Respond = (message: Message) => Promise<unknown>;

/** Slack waits 3 s for the acknowledgement; the way there and back takes some of it. Real ms. */
const answerMs = 2_000;

export const waiting = { text: 'One moment: this takes a little longer to read.', blocks: [] };

/** A message that only the one who asked sees, beside what is there already. */
export function messageOf({ text }: Content, blocks: readonly Block[]): Message {
  return { response_type: 'ephemeral', replace_original: false, text, blocks: [...blocks] };
}

/** Answers within the acknowledgement if the work is done by then, else acknowledges and answers when it is. */
export async function answer(ack: Ack, respond: Respond, work: Promise<Content>): Promise<void> {
  const content = await within(answerMs, work);
  if (content !== timedOut) {
    await ack(messageOf(content, content.blocks));
    return;
  }
  await ack(messageOf(waiting, []));
  await respondWith(respond, await work);
}

/**
 * Says something after the acknowledgement; without a table where Slack refuses the blocks.
 * @throws when Slack takes neither
 */
export async function respondWith(respond: Respond, content: Content): Promise<void> {
  const { blocks, plainBlocks = [] } = content;
  const isTaken = await publish(respond, messageOf(content, blocks));
  if (!isTaken && !(await publish(respond, messageOf(content, plainBlocks)))) {
    throw new RefusedError('response_url', 'not_taken');
  }
}

/** @returns false when Slack refused the message; any other failure is thrown */
async function publish(respond: Respond, message: Message): Promise<boolean> {
  try {
    const response = await respond(message);
    // The address may answer 200 and say in the body that it was not.
    return !(response instanceof Response) || !/"ok"\s*:\s*false/.test(await response.text());
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error && error.statusCode !== undefined) return false;
    throw error;
  }
}

/** What listeners do, kept in hand until it is done. */
export type Work = {
  /** Runs it. Whatever goes wrong is logged as `what`, and goes no further: nobody waits for a listener. */
  readonly run: (what: string, work: () => Promise<void>) => Promise<void>;
  /** Resolves when nothing is in hand. */
  readonly done: () => Promise<void>;
};

/** Keeps in hand what listeners do, so that a stop can wait for it. */
export function createWork(log: Logger): Work {
  const underway = new Set<Promise<void>>();
  return {
    run: async (what, work) => {
      const running = work().catch((error: unknown) => {
        log.warn({ err: error }, `${what} could not be answered in Slack`);
      });
      underway.add(running);
      await running;
      underway.delete(running);
    },
    done: async () => {
      await Promise.all(underway);
    },
  };
}
