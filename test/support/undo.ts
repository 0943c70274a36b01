/** What is in the list is done, the latest first, after each test or after all: `undone(afterAll)`. */
export function undone(after: (work: () => Promise<void>) => void): (() => unknown)[] {
  const steps: (() => unknown)[] = [];
  after(async () => {
    for (const step of steps.splice(0).reverse()) await step();
  });
  return steps;
}
