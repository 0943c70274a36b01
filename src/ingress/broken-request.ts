import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { codeOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { correlationHeader } from './correlation.ts';
import { errorBody, reasonPhrase } from './http-errors.ts';

/** The answer to bytes of which no request came about, so that no app was asked. Whole, as it goes out. */
export function answerBroken(clock: Clock, log: Logger): (error: Error) => string {
  return (error) => {
    const [status, message] = answers[codeOf(error) ?? ''] ?? [400, 'The request could not be read'];
    const correlation_id = randomUUID();
    log.debug({ err: error, correlation_id, status }, 'request refused before it was read');
    const body = JSON.stringify(
      errorBody(requestLineIn(error), clock, status, reasonPhrase(status), message),
    );
    return [
      `HTTP/1.1 ${status} ${reasonPhrase(status)}`,
      `Date: ${new Date(clock.real()).toUTCString()}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `${correlationHeader}: ${correlation_id}`,
      'Cache-Control: no-store',
      'X-Content-Type-Options: nosniff',
      'Connection: close',
      '',
      body,
    ].join('\r\n');
  };
}

/** As Node itself tells them apart: https://nodejs.org/api/http.html#event-clienterror */
const answers: Readonly<Record<string, readonly [number, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunk extensions of the body are too large'],
  HPE_HEADER_OVERFLOW: [431, 'The headers are too large'],
};

/** What it asked for, where the bytes at hand begin with that; else empty. */
function requestLineIn(error: Error): { originalUrl: string; method: string } {
  const packet = 'rawPacket' in error && error.rawPacket instanceof Uint8Array ? error.rawPacket : [];
  const text = Buffer.from(packet).toString('latin1');
  const { method = '', target = '' } = /^(?<method>[A-Z]+) (?<target>\S+) HTTP\//.exec(text)?.groups ?? {};
  return { originalUrl: target, method };
}
