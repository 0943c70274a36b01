import { randomUUID } from 'node:crypto';
import { ruleTypes, type RecordedEvent } from '../../../events/event.ts';
import { eventIdFrom } from '../../../events/identity.ts';
import { maintenance, maintenanceStream } from '../../../events/rules.ts';
import { utc } from '../../../events/time.ts';
import { record } from '../../../store/projections/record.ts';
import { readSchedulers } from '../board-queries.ts';
import type { Content } from '../content.ts';
import { renderMaintenance, renderProblem, renderUnknownService } from '../render/eod.ts';
import type { ListenerContext } from './listener-context.ts';

/** What a person asked for. Instants are ms UTC, Ronda's time. */
export type MaintenanceAsked = {
  readonly service: string;
  readonly ms: number;
  readonly reason: string;
  readonly now: number;
  /** The person, as events name them. */
  readonly by: string;
  /** Slack's own name of the act: the same when Slack sends it again. */
  readonly act: string;
  readonly zone: string;
};

/**
 * Plans a maintenance of a service from now on. Its event is appended before the answer, so that what is due from then on
 * is judged by it.
 */
export async function planMaintenance(listener: ListenerContext, asked: MaintenanceAsked): Promise<Content> {
  const { store, clock, log } = listener;
  const schedulers = await readSchedulers(listener);
  const services = [...new Set(schedulers.map(({ cell }) => cell.service_name))].sort();
  const service = serviceOf(asked.service, services);
  if (service === undefined) return renderUnknownService(asked.service, services);
  const until = asked.now + asked.ms;
  const planned = maintenance.safeParse({
    services: [service],
    ...{ from: utc(asked.now), until: utc(until), reason: asked.reason },
  });
  if (!planned.success) {
    const [issue] = planned.error.issues;
    return renderProblem(
      `the ${issue?.path.join('.') ?? 'maintenance'} ${issue?.message ?? 'is not valid'}.`,
    );
  }
  const [outcome] = await record(store, [
    {
      event: eventOf(JSON.stringify(planned.data), asked),
      envelope: { accepted_at: utc(clock.now()), correlation_id: randomUUID(), sender: 'slack' },
    },
  ]);
  if (outcome?.ok !== true) {
    log.warn({ err: outcome?.error, service }, 'a maintenance could not be planned');
    return renderProblem('it is not saved, the tables did not take it. Try again in a moment.');
  }
  log.info({ service, by: asked.by }, 'maintenance planned in Slack');
  return renderMaintenance({ ...asked, service, until });
}

/** Pure: the same act gives the same event, id included. */
function eventOf(text: string, { by, act, now }: MaintenanceAsked): RecordedEvent['event'] {
  const scheduler_id = maintenanceStream(eventIdFrom('maintenance', act));
  const content = ruleTypes.maintenance.contentOf({ scheduler_id, maintenance: text, by }, utc(now));
  return { ...content, event_id: eventIdFrom(scheduler_id, act) };
}

/** The service that is called so; where none is, the only one that is but for its case. */
function serviceOf(name: string, services: readonly string[]): string | undefined {
  if (services.includes(name)) return name;
  const alike = services.filter((one) => one.trim().toLowerCase() === name.trim().toLowerCase());
  return alike.length === 1 ? alike[0] : undefined;
}
