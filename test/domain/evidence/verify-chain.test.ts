import { ZeroHash } from 'ethers'
import { describe, expect, it } from 'vitest'
import { contracts } from '../../../domain/chain/contracts.ts'
import type { ChainReader, ChainReceipt } from '../../../domain/evidence/chain-check.ts'
import { stateRecord } from '../../../domain/evidence/record.ts'
import { unixSeconds } from '../../../domain/evidence/shape.ts'
import { verifyPackage } from '../../../domain/evidence/verify.ts'
import {
  acts,
  deployment,
  factorsNoteHex,
  fingerprints,
  firstNote,
  hash,
  intentIdOf,
  makePackage,
  people,
  placeIn,
  recordsOf,
  suppliersNote,
  terms,
  type Act
} from './story.ts'

const made = await makePackage()
const [register] = acts as [Act]

/** A chain that answers as the story's would; each part can be made to differ. */
function chainOf(change: Partial<ChainReader> = {}): ChainReader {
  const receipts = new Map<string, ChainReceipt>()
  for (const record of recordsOf()) {
    if (record.kind !== 'state') continue
    const act = acts.find((_, i) => record.intentId === intentIdOf(i))!
    const logs = act.events.map(([name, args], index) => ({
      address: deployment.receivables,
      ...contracts.receivables.encodeEventLog(name, args),
      index
    }))
    receipts.set(record.txHash, { blockNumber: Number(record.blockNumber), blockHash: record.blockHash, logs })
  }
  const anchored = contracts.evidenceLog.encodeEventLog('HeadAnchored', [made.head.size, made.head.root])
  const { txHash, blockNumber, blockHash } = made.input.anchor!
  receipts.set(txHash, { blockNumber, blockHash, logs: [{ address: deployment.evidenceLog, ...anchored, index: 0 }] })
  const holders = new Map([
    [firstNote, { end: 7_000n, holder: people.creditor, counterparty: 0 }],
    [suppliersNote, { end: 9_000n, holder: people.supplier, counterparty: people.supplier }],
    [BigInt(factorsNoteHex), { end: 10_000n, holder: people.factor, counterparty: 0 }]
  ])
  return {
    chainId: async () => deployment.chainId,
    genesisHash: async () => deployment.genesisHash,
    blockHash: async () => undefined,
    blockTime: async (number) => unixSeconds(placeIn(acts[number - 100] as Act, number - 100).blockTime),
    headRootOf: async (_, size) => (size === made.head.size ? made.head.root : ZeroHash),
    stateOf: async () => 'settled',
    receivableOf: async () => ({ amount: 10_000n, isDisputed: false }),
    noteOf: async (_, id) => ({ state: 'settled', ...holders.get(id)! }),
    receipt: async (hash) => receipts.get(hash),
    codeOf: async () => '0x',
    ...change
  }
}

describe('a package against a chain', () => {
  const codes = async (chain: ChainReader): Promise<(string | undefined)[]> => {
    const report = await verifyPackage(made.bytes, { ...made.anchors, heads: [] }, chain)
    return report.checks.filter(({ ok }) => ok === false).map(({ code }) => code)
  }

  it('is refused by another chain', async () => {
    expect(await codes(chainOf({ genesisHash: async () => hash('x') }))).toEqual(['DEPLOYMENT_MISMATCH'])
    expect(await codes(chainOf({ chainId: async () => 1 }))).toEqual(['DEPLOYMENT_MISMATCH'])
  })

  it('is refused when the chain has no such head, or has it from elsewhere', async () => {
    expect(await codes(chainOf({ headRootOf: async () => ZeroHash }))).toEqual(['HEAD_NOT_ANCHORED'])
    const { receipt } = chainOf()
    const other: ChainReader['receipt'] = (tx) => receipt(tx === made.input.anchor!.txHash ? hash('transaction 0') : tx)
    expect(await codes(chainOf({ receipt: other }))).toEqual(['HEAD_NOT_ANCHORED'])
  })

  it('is refused when a transaction is not there, or did something else', async () => {
    const { receipt } = chainOf()
    const missing: ChainReader['receipt'] = async (tx) => (tx === hash('transaction 3') ? undefined : receipt(tx))
    expect(await codes(chainOf({ receipt: missing }))).toEqual(['STATE_MISMATCH'])
    const silent: ChainReader['receipt'] = async (tx) => {
      const found = await receipt(tx)
      return found && tx === hash('transaction 3') ? { ...found, logs: [] } : found
    }
    expect(await codes(chainOf({ receipt: silent }))).toEqual(['STATE_MISMATCH'])
  })

  it('is refused when its blocks have other times there', async () => {
    const later: ChainReader['blockTime'] = async (number) => ((await chainOf().blockTime(number)) ?? 0) + 1
    expect(await codes(chainOf({ blockTime: later }))).toEqual(['STATE_MISMATCH'])
    expect(await codes(chainOf({ blockTime: async () => undefined }))).toEqual(['STATE_MISMATCH'])
  })

  it('is refused when the receivable is another there', async () => {
    expect(await codes(chainOf({ stateOf: async () => 'confirmed' }))).toEqual(['STATE_MISMATCH'])
    const disputed = async () => ({ amount: 10_000n, isDisputed: true })
    expect(await codes(chainOf({ receivableOf: disputed }))).toEqual(['STATE_MISMATCH'])
    const smaller = async () => ({ amount: 9_999n, isDisputed: false })
    expect(await codes(chainOf({ receivableOf: smaller }))).toEqual(['STATE_MISMATCH'])
  })

  it('asks for a registered receivable by its terms, since nothing else of it is stored', async () => {
    const { bytes, anchors } = await makePackage(recordsOf(acts.slice(0, 1)))
    const nothing = async () => ({ amount: 0n, isDisputed: false })
    const headRootOf = async () => anchors.heads[0]!.root
    const { receipt } = chainOf()
    const anchor = { ...(await receipt(made.input.anchor!.txHash))! }
    const logs = [
      {
        address: deployment.evidenceLog,
        ...contracts.evidenceLog.encodeEventLog('HeadAnchored', [anchors.heads[0]!.size, anchors.heads[0]!.root]),
        index: 0
      }
    ]
    const chain = chainOf({
      stateOf: async (_, asked, claims) =>
        asked.amount === terms.amount && claims.length === 1 ? 'registered' : 'none',
      receivableOf: nothing,
      headRootOf,
      receipt: async (tx) => (tx === made.input.anchor!.txHash ? { ...anchor, logs } : receipt(tx))
    })
    const report = await verifyPackage(bytes, { ...anchors, heads: [] }, chain)
    expect(report.checks.filter(({ ok }) => ok !== true)).toEqual([])
  })

  it('is refused when it tells of claims that the transaction did not make', async () => {
    const event = {
      contract: 'fingerprints' as const,
      logIndex: '1',
      name: 'FingerprintClaimed',
      args: { fingerprint: fingerprints[0]!, claim: '5' }
    }
    const claim = stateRecord({ intentId: intentIdOf(0), ...placeIn(register, 0), event })
    const { bytes, anchors, head } = await makePackage([...recordsOf(), claim])
    const chain = chainOf({ headRootOf: async () => head.root })
    const report = await verifyPackage(bytes, anchors, chain)
    expect(report.checks.find(({ name }) => name === 'chain')).toMatchObject({ ok: false, code: 'STATE_MISMATCH' })
  })

  it('is refused when the chain had another state at that block', async () => {
    const noteOf: ChainReader['noteOf'] = async () => ({
      state: 'live',
      end: 7_000n,
      holder: people.creditor,
      counterparty: 0
    })
    expect(await codes(chainOf({ noteOf }))).toEqual(['STATE_MISMATCH'])
  })

  it('rejects when the chain does not answer: no check is left out in silence', async () => {
    const receipt = async (): Promise<never> => {
      throw new Error('connection lost')
    }
    await expect(codes(chainOf({ receipt }))).rejects.toThrow('connection lost')
  })

  it('is verified by the head on the chain when the anchors know none', async () => {
    const report = await verifyPackage(made.bytes, { ...made.anchors, heads: [] }, chainOf())
    expect(report.result).toBe('verified')
    expect(report.checks.at(-1)).toMatchObject({ name: 'chain', ok: true, detail: 'the chain has the same state now' })
  })

  it('is stale when the chain has moved on since, unless it was asked how things were', async () => {
    const noteOf: ChainReader['noteOf'] = async (registry, id, block) => {
      const there = await chainOf().noteOf(registry, id, block)
      return there && { ...there, holder: block === undefined ? people.clearing : there.holder }
    }
    const stale = await verifyPackage(made.bytes, made.anchors, chainOf({ noteOf }))
    expect(stale.checks.at(-1)).toMatchObject({ ok: false, code: 'PACKAGE_STALE' })
    const historic = await verifyPackage(made.bytes, made.anchors, chainOf({ noteOf }), { isHistoric: true })
    expect(historic.result).toBe('verified')
    expect(historic.checks.at(-1)?.detail).toContain('moved on since')
  })

  it('is only consistent when the contracts are known from the package alone', async () => {
    expect((await verifyPackage(made.bytes, undefined, chainOf())).result).toBe('consistent')
  })
})
