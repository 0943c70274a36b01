import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * Addresses that no webhook may be at, lest whoever names one makes Ronda ask what only this network may: loopback,
 * link-local (where clouds keep credentials), private and special ones.
 * https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const internal = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  internal.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  internal.addSubnet(net, prefix, 'ipv6');

/** Whether an address is loopback, link-local, private or special; an IPv4 one in IPv6 clothes counts as what it is. */
export function isInternal(address: string): boolean {
  return isIP(address) !== 4 ? internal.check(address, 'ipv6') : internal.check(address, 'ipv4');
}

/** Resolves names as usual, but to internal addresses only where `isAllowed`: what was checked is what is connected to. */
export function guardedLookup(isAllowed: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, '', 0);
        return;
      }
      const usable = isAllowed ? addresses : addresses.filter(({ address }) => !isInternal(address));
      const [first] = usable;
      if (first === undefined) callback(refusal(hostname), '', 0);
      else if (options.all === true) callback(null, usable);
      else callback(null, first.address, first.family);
    });
  };
}

/** What is said of a host that may not be called. */
export function refusal(host: string): Error {
  return new Error(
    `${host} is at a loopback, link-local or private address: name it in RONDA_WEBHOOK_ALLOW_HOSTS to permit that`,
  );
}
