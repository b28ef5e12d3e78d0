import type { ContractRefusal } from '../../domain/chain/contracts.ts'

export type Simulation = { kind: 'passes'; gasLimit: bigint } | { kind: 'reverts'; refusal: ContractRefusal }

/** What may become of an outbox row that waits to be sent. `refuse` is final only once nothing earlier is open. */
export type Verdict = 'send' | 'refuse' | 'later'

/** Block time may be behind the clock by which a command was taken for possible. Seconds. */
const CLOCK_SKEW = 30n
const tooEarly = new Set(['NoteNotMatured', 'ReceivableNotMatured', 'NoteDeadlinePending'])

/** Decides from a simulation: a refusal is the contract's own, unless the call only came a moment too early. */
export function judge(simulation: Simulation): Verdict {
  switch (simulation.kind) {
    case 'passes':
      return 'send'
    case 'reverts':
      return isTooEarly(simulation.refusal) ? 'later' : 'refuse'
  }
}

function isTooEarly({ name, args }: ContractRefusal): boolean {
  const { presented, maturity, required = maturity } = args
  return tooEarly.has(name) && BigInt(required!) - BigInt(presented!) <= CLOCK_SKEW
}
