/** One segment of a parallel scan: all of a scheduler's rows lie in one as far as is known, but nothing relies on it. */
export type Segment = { readonly segment: number; readonly of: number };

/** What a scan asks for to read one segment; everything without one. */
export function segmentInput(segment: Segment | undefined): { Segment?: number; TotalSegments?: number } {
  return segment === undefined ? {} : { Segment: segment.segment, TotalSegments: segment.of };
}
