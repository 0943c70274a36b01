import { isUtf8 } from 'node:buffer';
import { isEventTime, parseTime } from '../events/time.ts';
import { readMembers, type Read } from '../events/members.ts';

/** A report's members, with what the innermost envelope says of its time and identity. */
export type Unwrapped = {
  readonly members: ReadonlyMap<string, string>;
  readonly time?: string | undefined;
  readonly id?: string | undefined;
};

/** SNS may carry an EventBridge event that carries a CloudEvent; deeper nesting is no real sender's. */
const maxEnvelopes = 4;

/** Takes a report out of the envelopes that AWS services and CloudEvents senders put around it. */
export function unwrap(body: string): Read<Unwrapped> {
  let text = body;
  let outer: Omit<Unwrapped, 'members'> = {};
  for (let depth = 0; depth <= maxEnvelopes; depth += 1) {
    const members = readMembers(text);
    if (members === undefined) return { ok: false, issues: ['body: must be a JSON object'] };
    const inner = envelopeIn(members);
    if (inner === undefined) return { ok: true, value: { ...outer, members } };
    outer = { time: inner.time ?? outer.time, id: inner.id ?? outer.id };
    text = inner.text;
  }
  return { ok: false, issues: [`body: must not be wrapped more than ${maxEnvelopes} times`] };
}

type Inner = Omit<Unwrapped, 'members'> & { readonly text: string };

function envelopeIn(members: ReadonlyMap<string, string>): Inner | undefined {
  const string = (name: string): string | undefined => {
    const value: unknown = JSON.parse(members.get(name) ?? 'null');
    return typeof value === 'string' ? value : undefined;
  };
  const time = (name: string): string | undefined => {
    const read = parseTime(string(name) ?? '');
    return read !== undefined && isEventTime(read) ? read : undefined;
  };

  // https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
  const message = string('Message');
  if (string('Type') === 'Notification' && message !== undefined) {
    return { text: message, time: time('Timestamp'), id: string('MessageId') };
  }
  // https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
  const detail = members.get('detail');
  if (detail !== undefined && members.has('detail-type') && members.has('source')) {
    return { text: detail, time: time('time'), id: string('id') };
  }
  // https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
  const [data, base64] = [members.get('data'), string('data_base64')];
  if ((data !== undefined || base64 !== undefined) && members.has('specversion')) {
    const [source, id] = [string('source'), string('id')];
    const identity = source === undefined || id === undefined ? undefined : `${source} ${id}`;
    const text = string('data') ?? data ?? utf8Of(Buffer.from(base64 ?? '', 'base64'));
    return { text, time: time('time'), id: identity };
  }
  return undefined;
}

/** Empty for what is no UTF-8: better refused than stored with its letters lost. */
function utf8Of(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString() : '';
}
