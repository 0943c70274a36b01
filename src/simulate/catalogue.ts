import type { Random } from './random.ts';

/** A job of the fleet as it registers, and how it reports. Durations are minutes of a six-hour night. */
export type Job = {
  readonly scheduler_id: string;
  readonly service_name: string;
  readonly job_name: string;
  readonly owner_email: string;
  readonly alert_user_id: string | undefined;
  readonly heartbeat_timeout_minutes: number | undefined;
  /** Services with AWS credentials send to the queue themselves. */
  readonly via: 'http' | 'sqs';
  readonly shortest: number;
  readonly longest: number;
};

type Team = { readonly email: string; readonly slackId: string };

const teams = {
  finance: { email: 'sari@example.com', slackId: 'U0SARI' },
  payments: { email: 'budi@example.com', slackId: 'U0BUDI' },
  commerce: { email: 'putri@example.com', slackId: 'U0PUTRI' },
} as const satisfies Record<string, Team>;

type Service = {
  readonly name: string;
  readonly team: Team;
  readonly via: 'http' | 'sqs';
  /** Job name, and the shortest and the longest run in minutes. */
  readonly jobs: readonly (readonly [name: string, shortest: number, longest: number])[];
};

const { finance, payments, commerce } = teams;

/** The back office of an Indonesian bank with a shop: 49 jobs of 18 services. */
const services: readonly Service[] = [
  {
    name: 'ledger',
    team: finance,
    via: 'http',
    jobs: [
      ['Close day', 25, 50],
      ['Post interest accruals', 15, 35],
      ['Trial balance', 10, 20],
      ['Open next day', 2, 5],
    ],
  },
  {
    name: 'billing',
    team: commerce,
    via: 'http',
    jobs: [
      ['Generate invoices', 20, 45],
      ['Dunning run', 5, 15],
      ['Autodebit collection', 15, 40],
    ],
  },
  {
    name: 'settlement',
    team: payments,
    via: 'sqs',
    jobs: [
      ['QRIS settlement file', 10, 30],
      ['BI-FAST reconciliation', 10, 25],
      ['Card settlement', 15, 35],
      ['Virtual account matching', 8, 25],
    ],
  },
  {
    name: 'payroll',
    team: finance,
    via: 'http',
    jobs: [
      ['Salary disbursement', 15, 40],
      ['BPJS contributions', 5, 15],
      ['PPh 21 withholding', 5, 20],
    ],
  },
  {
    name: 'fraud',
    team: payments,
    via: 'sqs',
    jobs: [
      ['Score dormant accounts', 20, 50],
      ['Refresh blocklist', 2, 6],
      ['Retrain velocity rules', 30, 60],
    ],
  },
  {
    name: 'reporting',
    team: finance,
    via: 'http',
    jobs: [
      ['OJK daily report', 15, 30],
      ['Foreign exchange report', 10, 20],
      ['Management dashboard', 5, 15],
      ['Branch performance', 10, 25],
    ],
  },
  {
    name: 'tax',
    team: finance,
    via: 'http',
    jobs: [
      ['e-Faktur upload', 5, 20],
      ['VAT summary', 4, 12],
    ],
  },
  {
    name: 'cards',
    team: payments,
    via: 'http',
    jobs: [
      ['Statement cycle', 20, 45],
      ['Limit recalculation', 10, 25],
      ['Expiry reissue', 3, 8],
    ],
  },
  {
    name: 'loans',
    team: finance,
    via: 'http',
    jobs: [
      ['Interest accrual', 15, 35],
      ['Collectability grading', 10, 30],
      ['Arrears ageing', 8, 20],
    ],
  },
  {
    name: 'treasury',
    team: finance,
    via: 'http',
    jobs: [
      ['Position valuation', 10, 25],
      ['FX rate import', 2, 5],
      ['Liquidity forecast', 8, 20],
    ],
  },
  {
    name: 'kyc',
    team: payments,
    via: 'http',
    jobs: [
      ['Sanctions screening', 15, 45],
      ['Dukcapil verification', 20, 50],
    ],
  },
  {
    name: 'inventory',
    team: commerce,
    via: 'sqs',
    jobs: [
      ['Stock snapshot', 5, 15],
      ['Reorder proposals', 8, 20],
      ['Warehouse count sync', 4, 12],
    ],
  },
  {
    name: 'loyalty',
    team: commerce,
    via: 'http',
    jobs: [
      ['Points expiry', 5, 15],
      ['Tier evaluation', 8, 20],
    ],
  },
  {
    name: 'notifications',
    team: commerce,
    via: 'http',
    jobs: [
      ['E-statement mailing', 20, 60],
      ['SMS digest', 5, 12],
    ],
  },
  {
    name: 'archive',
    team: payments,
    via: 'http',
    jobs: [
      ['Transaction archive', 30, 70],
      ['Audit log rotation', 3, 10],
      ['Off-site backup', 30, 70],
    ],
  },
  {
    name: 'pricing',
    team: commerce,
    via: 'http',
    jobs: [
      ['Price list refresh', 5, 15],
      ['Promo activation', 2, 6],
    ],
  },
  {
    name: 'merchant',
    team: payments,
    via: 'http',
    jobs: [
      ['Fee calculation', 8, 20],
      ['Settlement statement', 6, 18],
    ],
  },
  {
    name: 'search',
    team: commerce,
    via: 'sqs',
    jobs: [['Product index rebuild', 15, 40]],
  },
];

const catalogue = services.flatMap((service) => service.jobs.map((job) => ({ service, job })));

/** Above the default, so that a job that sets it may also beat more slowly. Minutes. */
const timeouts = [15, 20, 30] as const;

/**
 * So many jobs of the catalogue, in an order that the random numbers choose. Once the catalogue is used up it
 * begins again, as the same jobs of a second region.
 */
export function jobsOf(random: Random, count: number): Job[] {
  const order = random.shuffled(catalogue);
  return Array.from({ length: count }, (_, n) => {
    const { service, job } = order[n % order.length] ?? random.pick(catalogue);
    const [name, shortest, longest] = job;
    const region = Math.floor(n / order.length) + 1;
    const id = `${service.name}-${slugOf(name)}`;
    return {
      scheduler_id: region === 1 ? id : `${id}-r${region}`,
      service_name: service.name,
      job_name: region === 1 ? name : `${name} (region ${region})`,
      owner_email: service.team.email,
      // The others are to be found by their e-mail address.
      alert_user_id: random.chance(0.4) ? service.team.slackId : undefined,
      heartbeat_timeout_minutes: random.chance(0.2) ? random.pick(timeouts) : undefined,
      via: service.via,
      shortest,
      longest,
    };
  });
}

function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
