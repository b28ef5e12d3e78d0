/** Where may be delivered to: only to public addresses, whatever a name resolves to at that moment. */
import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

type Policy = { allowLoopback: boolean }

/** Why an address is not delivered to; undefined for one that is. */
export function addressProblem(address: string, { allowLoopback }: Policy): string | undefined {
  // Of an IPv4 address inside an IPv6 one, the inner one counts.
  const range = ipaddr.process(address).range()
  if (range === 'unicast' || (allowLoopback && range === 'loopback')) return undefined
  return `${address} is not a public address (${range})`
}

/** Why a URL is not delivered to; undefined for one that may be. Names are looked at again at each delivery. */
export function urlProblem(text: string, policy: Policy): string | undefined {
  if (!URL.canParse(text)) return 'it is no absolute URL'
  const url = new URL(text)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const isLocal = host === 'localhost' || (isIP(host) > 0 && ipaddr.process(host).range() === 'loopback')
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && policy.allowLoopback && isLocal))
    return 'it is not https'
  if (url.username || url.password) return 'it has a user or password'
  if (url.hash) return 'it has a fragment'
  return isIP(host) > 0 ? addressProblem(host, policy) : undefined
}

/**
 * Resolves a name for a connection and refuses it when any of its addresses is not public. The connection goes to the very
 * address that was looked at, so a name that changes in between gains nothing.
 */
export function guardedLookup(policy: Policy): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0)
      const problem = addresses.map(({ address }) => addressProblem(address, policy)).find((each) => each !== undefined)
      const [first] = addresses
      if (problem !== undefined || !first) {
        return callback(new Error(`${hostname}: ${problem ?? 'it has no address'}`), '', 0)
      }
      if (options.all) return (callback as unknown as (error: null, all: typeof addresses) => void)(null, addresses)
      callback(null, first.address, first.family)
    })
  }
}
