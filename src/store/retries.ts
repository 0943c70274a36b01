/** How often a row is read and swapped again before its writer gives up. */
export const maxAttempts = 12;

/** Between them, so that two writers of a row do not meet again. */
export const swapBackoff = { firstMs: 10, maxMs: 200 };

/**
 * How often what a batch left unprocessed is asked for again before it fails alone: its neighbours wait for it,
 * so it is not for long. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 */
export const maxBatchAttempts = 4;
export const batchBackoff = { firstMs: 20, maxMs: 100 };
