import { z } from 'zod';

/** What is asked of the load client, a process of its own: so many clients put statuses, one after the other, for so long. */
export const loadJob = z.object({
  url: z.url(),
  apiKey: z.string(),
  schedulers: z.array(z.string()),
  clients: z.number(),
  ms: z.number(),
});
export type LoadJob = z.infer<typeof loadJob>;

/** Latencies in ms, from the request to the end of the answer; answers per second. */
export const loadOutcome = z.object({ p50: z.number(), p99: z.number(), perSecond: z.number() });
export type LoadOutcome = z.infer<typeof loadOutcome>;
