import { BlockList, isIP } from 'node:net'

/** Addresses that no operator means by the name of a store or provider: metadata services of clouds, broadcast, unspecified. */
const NEVER = new BlockList()
NEVER.addSubnet('0.0.0.0', 8)
NEVER.addSubnet('169.254.0.0', 16)
NEVER.addSubnet('224.0.0.0', 3)
NEVER.addAddress('100.100.100.200')
NEVER.addAddress('::', 'ipv6')
NEVER.addSubnet('fe80::', 10, 'ipv6')
NEVER.addSubnet('ff00::', 8, 'ipv6')
NEVER.addAddress('fd00:ec2::254', 'ipv6')

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8)
LOOPBACK.addAddress('::1', 'ipv6')

const isIn = (list: BlockList, address: string): boolean =>
  list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** Whether a host of a URL means this machine by its own name or address. */
export const isLoopbackHost = (host: string): boolean =>
  host === 'localhost' || (isIP(host) !== 0 && isIn(LOOPBACK, host))

/**
 * Why this server does not connect to an address; undefined where it may. Private networks are allowed, since the store of
 * a company is often in one; this machine only where the configured name says so.
 * @param host as configured, without the brackets of IPv6
 */
export function addressProblem(host: string, address: string): string | undefined {
  if (isIP(address) === 0) return 'has no address'
  if (isIn(NEVER, address)) return `is at ${address}, which is never called`
  if (isIn(LOOPBACK, address) && !isLoopbackHost(host)) return `is at ${address}, which is this machine`
  return undefined
}
