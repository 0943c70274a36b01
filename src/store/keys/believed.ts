/** How long an ingress believes what it has read of a key. Real ms. */
export const believedMs = 30_000;
