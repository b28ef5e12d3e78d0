import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Command } from '../../domain/intent/commands.ts'
import { sendDirectly, type DirectResult } from '../../scripts/demo/direct.ts'
import { openStage, type Stage } from '../../scripts/demo/stage.ts'
import { participantIdOf } from '../../scripts/world/prepare.ts'
import { invoice } from '../api/invoices.ts'
import { startProxy } from '../indexer/proxy.ts'
import { OnChain } from './on-chain.ts'
import { Instances } from './started.ts'

const AMOUNT = '1000000'
const hash = `0x${'11'.repeat(32)}`

describe('past the api and the relayer the contract refuses', { timeout: 60_000 }, () => {
  const instances = new Instances()
  const dir = instances.dir('a')
  const maturity = Math.floor(Date.now() / 1000) + 30 * 86_400
  let stage: Stage
  let chain: OnChain
  let receivableId: string
  let noteId: string
  let document: { documentId: string; fingerprint: string; contentCommitment: string }

  beforeAll(async () => {
    await instances.start('a', '--empty').says(/^ready in/m)
    stage = await openStage(dir)
    chain = new OnChain(dir)
    document = await stage
      .as('alder')
      .post('/v1/documents', 'direct-upload', invoice({ number: 'D-1', payable: '10000.00' }))
    receivableId = await done('alder', '/v1/receivables', { documentId: document.documentId, maturity })
    await done('meridian', `/v1/receivables/${receivableId}/confirmation`)
    noteId = `${receivableId}${'0'.repeat(16)}`
    const lock = { factor: participantIdOf('lindqvist'), amount: AMOUNT, purpose: 'assignment', quote: 'Q-1' }
    await done('alder', `/v1/notes/${noteId}/locks`, lock)
    await done('lindqvist', `/v1/notes/${noteId}/financing`, { disbursement: 'P-1' })
  })
  afterAll(async () => {
    chain?.close()
    await instances.end()
  })

  async function done(slug: string, path: string, body?: object): Promise<string> {
    const intent = await stage.as(slug).command(path, `direct-${path}`, body)
    expect(intent, JSON.stringify(intent.refusal)).toMatchObject({ state: 'projected' })
    return intent.receivableId!
  }

  async function send(slug: string, command: Command): Promise<DirectResult> {
    const { signers } = stage.keys.participants[slug]!
    return sendDirectly(stage.rpcUrl, stage.deployment, await stage.accountOf(slug), signers, command)
  }

  /** Refused with this error, mined as failed, and nothing is different afterwards. */
  async function refused(slug: string, command: Command, name: string): Promise<Record<string, string>> {
    const state = async () => ({ note: await chain.note(noteId), receivable: await chain.receivable(receivableId) })
    const before = await state()
    expect(before.note).toMatchObject({ holder: participantIdOf('lindqvist'), end: AMOUNT, state: 'live' })
    const { txHash, refusal } = await send(slug, command)
    expect(refusal?.name).toBe(name)
    const receipt = await chain.receipt(txHash)
    expect(receipt?.status).toBe(0)
    expect(receipt?.logs).toEqual([])
    expect(await state()).toEqual(before)
    return refusal!.args
  }

  it('a second financing by another factor', () =>
    refused('huichuan', { kind: 'finance', noteId: BigInt(noteId), disbursement: hash }, 'NoteTransitionForbidden'))

  it('a second financing by the same factor', () =>
    refused('lindqvist', { kind: 'finance', noteId: BigInt(noteId), disbursement: hash }, 'NoteTransitionForbidden'))

  it('a second lock by the one who has sold it', async () => {
    const factor = participantIdOf('huichuan')
    const lock = {
      kind: 'lock',
      noteId: BigInt(noteId),
      amount: 1n,
      factor,
      deadline: maturity - 1,
      purpose: 'pledge',
      quote: hash
    } as const
    const { presented, required } = await refused('alder', lock, 'NotePartyMismatch')
    expect({ presented, required }).toEqual({
      presented: String(participantIdOf('alder')),
      required: String(participantIdOf('lindqvist'))
    })
  })

  it('what is sent again only while the chain still refuses it: a node that was killed may have lost the steps before', async () => {
    let [looks, sentMeanwhile] = [0, 0]
    // From the second look to the fifth the chain would take it.
    const hasLost = () => looks >= 2 && looks <= 5
    const proxy = await startProxy(stage.rpcUrl, ({ method }, result) => {
      if (method === 'eth_call') looks++
      if (method === 'eth_sendRawTransaction' && hasLost()) sentMeanwhile++
      return method === 'eth_call' && hasLost() ? '0x' : result
    })
    const { signers } = stage.keys.participants['huichuan']!
    const finance = { kind: 'finance', noteId: BigInt(noteId), disbursement: hash } as const
    const account = await stage.accountOf('huichuan')
    const sent = await sendDirectly(proxy.url, stage.deployment, account, signers, finance).finally(proxy.close)
    expect(sent.refusal?.name).toBe('NoteTransitionForbidden')
    expect({ sentMeanwhile, hasLookedAgain: looks > 5 }).toEqual({ sentMeanwhile: 0, hasLookedAgain: true })
    expect((await chain.receipt(sent.txHash))?.status).toBe(0)
  })

  it('a second registration of the same document, also under other terms', async () => {
    const terms = {
      creditor: participantIdOf('alder'),
      debtor: participantIdOf('meridian'),
      amount: 1_000_000n,
      currency: 978,
      maturity,
      contentCommitment: document.contentCommitment
    }
    const fingerprints = [document.fingerprint]
    const register = (other: typeof terms) => ({ kind: 'register', terms: other, fingerprints }) as const
    await refused('alder', register(terms), 'ReceivableTransitionForbidden')
    for (const change of [{ amount: 999_999n }, { debtor: participantIdOf('beichen') }, { contentCommitment: hash }]) {
      const { subject } = await refused('alder', register({ ...terms, ...change }), 'FingerprintAlreadyClaimed')
      expect(BigInt(subject!)).toBe(BigInt(receivableId))
    }
  })
})
