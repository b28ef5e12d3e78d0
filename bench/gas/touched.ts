/** What a mined transaction did to slots and contracts, as the node saw it: a bill that lists more or less is wrong. */
import type { Act } from './bill.ts'
import type { Chain, Mined } from './chain.ts'

type State = Record<string, { storage?: Record<string, string> }>

export type Counts = Record<Exclude<Act, 'ecrecover' | 'p256'>, number>

/** How many cold contracts it called, and how many slots it read only, changed, made or cleared. */
export async function actsOf(chain: Chain, { hash }: Mined): Promise<Counts> {
  const trace = <Result>(diffMode: boolean) =>
    chain.rpc<Result>('debug_traceTransaction', [hash, { tracer: 'prestateTracer', tracerConfig: { diffMode } }])
  const seen = await trace<State>(false)
  const { pre, post } = await trace<{ pre: State; post: State }>(true)
  const { from, to } = await chain.rpc<{ from: string; to: string }>('eth_getTransactionByHash', [hash])
  const isWarm = (address: string) => address === from || address === to || BigInt(address) <= 0x100n
  const count: Counts = { call: 0, read: 0, change: 0, create: 0, clear: 0 }
  for (const [address, { storage }] of Object.entries(seen)) {
    if (!isWarm(address)) ++count.call
    for (const slot of Object.keys(storage ?? {})) {
      const was = pre[address]?.storage?.[slot] !== undefined
      const is = post[address]?.storage?.[slot] !== undefined
      ++count[was && is ? 'change' : is ? 'create' : was ? 'clear' : 'read']
    }
  }
  return count
}
