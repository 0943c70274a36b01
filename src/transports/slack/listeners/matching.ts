/** How a scheduler is called. */
export type Named = {
  readonly scheduler_id: string;
  readonly service_name: string;
  readonly job_name: string;
};

/**
 * The schedulers that a person may mean: the one of that very id; else those with a name that is the text, else
 * begins with it, else holds it, whatever the case. Names are the job's, the service's, both, and the id. Pure.
 * @returns none where nothing fits, several where the text does not tell them apart
 */
export function matchJobs<T extends Named>(text: string, schedulers: readonly T[]): readonly T[] {
  const exact = schedulers.filter(({ scheduler_id }) => scheduler_id === text);
  if (exact.length > 0) return exact;
  const wanted = folded(text);
  if (wanted === '') return [];
  const named = schedulers.map((scheduler) => ({ scheduler, names: namesOf(scheduler) }));
  for (const fits of closeness) {
    const found = named.filter(({ names }) => names.some((name) => fits(name, wanted)));
    if (found.length > 0) return found.map(({ scheduler }) => scheduler);
  }
  return [];
}

const closeness = [
  (name: string, wanted: string) => name === wanted,
  (name: string, wanted: string) => name.startsWith(wanted),
  (name: string, wanted: string) => name.includes(wanted),
] as const;

function namesOf({ scheduler_id, service_name, job_name }: Named): string[] {
  const [service, job] = [folded(service_name), folded(job_name)];
  return [
    job,
    service,
    `${service} / ${job}`,
    `${service}/${job}`,
    `${service} ${job}`,
    folded(scheduler_id),
  ];
}

/** Without what a person does not see or care for: case, runs of blanks, how an accent is composed. */
function folded(text: string): string {
  return text.normalize('NFC').toLowerCase().trim().replace(/\s+/g, ' ');
}
