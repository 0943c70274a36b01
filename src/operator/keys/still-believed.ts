import { believedMs } from '../../store/keys/believed.ts';

/** What may happen after a key's end. */
export const stillBelieved = `An ingress that knows it may let it in for up to ${believedMs / 1_000} s more.`;
