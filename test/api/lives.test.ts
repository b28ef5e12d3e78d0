import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../api/errors.ts'
import type { Intent } from '../../scripts/demo/client.ts'
import { participantIdOf } from '../../scripts/world/prepare.ts'
import { inSeconds, startInstance, type Instance } from './instance.ts'

/** What can be done with a note before maturity, beyond test/api/commands.test.ts. */
let tally: Instance

beforeAll(async () => {
  tally = await startInstance()
})
afterAll(async () => {
  const troubles = tally?.troubles()
  await tally?.stop()
  expect(troubles).toEqual([])
})

const [alder, corvale, meridian, lindqvist] = (['alder', 'corvale', 'meridian', 'lindqvist'] as const).map(
  participantIdOf
) as [number, number, number, number]
const to = (verb: string, noteId: string) => `/v1/notes/${noteId}/${verb}`
const offer = (more: object = {}) => ({ assignee: corvale, amount: '100', tradeDocument: 'Order 1', ...more })
const lock = (purpose: string) => ({ factor: lindqvist, amount: '100', purpose, quote: 'Quote 1' })
const refuse = (code: ErrorCode, as: string, path: string, body?: object) =>
  tally.refused(code, path, { as, method: 'POST', ...(body ? { body } : {}) })
/** Follows a command that the contract refuses. */
const refusedOnChain = async (slug: string, path: string, body: object): Promise<Intent['refusal']> => {
  const intent = await tally.as(slug).command(path, tally.newKey(), body)
  expect(intent.state).toBe('refused')
  return intent.refusal
}

describe('a trade document', () => {
  const claimed = (more: object = {}) => ({
    assignee: corvale,
    amount: '100',
    tradeFingerprint: fingerprint(1),
    ...more
  })
  const claimOf = async (name: string) =>
    (
      await tally.sql.query('select state, claimant, reason from projection.fingerprint_claim where fingerprint = $1', [
        name
      ])
    ).rows[0] as unknown

  it('is named in one of two ways, never in both or none', async () => {
    const { rootNote } = await tally.confirmed()
    for (const body of [
      { ...offer(), ...claimed() },
      { assignee: corvale, amount: '100' },
      claimed({ tradeFingerprint: `0x0000${'11'.repeat(30)}` }),
      claimed({ tradeFingerprint: '0x00' })
    ]) {
      await refuse('REQUEST_INVALID', 'alder', to('transfers', rootNote), body)
    }
  })

  it('that a transfer claims backs no other transfer until the offer is refused or recalled', async () => {
    const { rootNote } = await tally.confirmed()
    const { noteId } = (await tally.done('alder', to('transfers', rootNote), claimed())) as { noteId: string }
    expect(await tally.note(noteId)).toMatchObject({ purpose: 'trade-transfer', tradeFingerprint: fingerprint(1) })
    expect(await claimOf(fingerprint(1))).toEqual({ state: 'claimed', claimant: alder, reason: 'trade-document' })
    expect(await refusedOnChain('alder', to('transfers', rootNote), claimed())).toMatchObject({
      code: 'FingerprintAlreadyClaimed',
      args: { fingerprint: fingerprint(1), claimant: String(alder), registry: '1' }
    })
    await tally.done('corvale', to('refusal', noteId), { reason: 'Not ours' })
    expect(await tally.note(noteId)).toMatchObject({ state: 'live', purpose: 'none', tradeFingerprint: null })
    expect(await claimOf(fingerprint(1))).toMatchObject({ state: 'released' })

    await tally.done('alder', to('transfers', noteId), claimed())
    await tally.done('alder', to('recall', noteId))
    expect(await claimOf(fingerprint(1))).toMatchObject({ state: 'released' })

    await tally.done('alder', to('transfers', noteId), claimed())
    await tally.done('corvale', to('acceptance', noteId))
    expect(await tally.note(noteId)).toMatchObject({ holder: corvale, tier: 1, tradeFingerprint: null })
    expect(await claimOf(fingerprint(1))).toMatchObject({ state: 'claimed' })
  })
})

describe('a branch', () => {
  const [tormel, hualing] = [participantIdOf('tormel'), participantIdOf('hualing')]

  it('is seen by those who are or were in it and by who is a party of the whole, and by no other holder', async () => {
    const { receivableId, rootNote } = await tally.confirmed()
    const give = async (from: string, noteId: string, slug: string, amount: string): Promise<string> => {
      const body = { assignee: participantIdOf(slug), amount, tradeDocument: `Order of ${slug}` }
      const piece = (await tally.done(from, to('transfers', noteId), body)).noteId!
      await tally.done(slug, to('acceptance', piece))
      return piece
    }
    const first = await give('alder', rootNote, 'corvale', '1000')
    const second = await give('alder', rootNote, 'hualing', '500')
    const below = await give('corvale', first, 'tormel', '300')
    const seen = async (as: string) => {
      const { body } = await tally.call(`/v1/receivables/${receivableId}`, { as })
      return (body['notes'] as { noteId: string }[]).map(({ noteId }) => noteId)
    }
    const all = [rootNote, second, first, below]
    for (const as of ['alder', 'meridian', 'regulator']) expect(await seen(as), as).toEqual(all)
    // What became of it is the business of who passed it on, what was never there is not.
    expect(await seen('corvale')).toEqual([first, below])
    expect(await seen('tormel')).toEqual([below])
    expect(await seen('hualing')).toEqual([second])
    await refuse('NOTE_NOT_FOUND', 'hualing', to('recall', below))
    for (const note of [rootNote, first, below]) {
      await tally.refused('NOTE_NOT_FOUND', `/v1/notes/${note}`, { as: 'hualing' })
    }
    expect((await tally.call(`/v1/notes/${below}`, { as: 'corvale' })).status).toBe(200)
    const { body } = await tally.call(`/v1/receivables/${receivableId}/history`, { as: 'hualing' })
    const told = (body['items'] as { name: string; note: { holder: number; counterparty: number | null } | null }[])
      .filter(({ note }) => note)
      .map(({ name, note }) => [name, note!.holder, note!.counterparty])
    expect(told).toEqual([
      ['NoteOffered', alder, hualing],
      ['NoteAccepted', hualing, null]
    ])
    expect(JSON.stringify(body)).not.toContain(`"holder":${tormel}`)
  })
})

describe('a merge', () => {
  it('joins only neighbours that differ in nothing but their spans', async () => {
    const { rootNote } = await tally.confirmed()
    const cut = async () => {
      const { noteId } = await tally.done('alder', to('transfers', rootNote), offer())
      await tally.done('alder', to('recall', noteId!))
      return noteId!
    }
    const last = await cut()
    const middle = await cut()
    const unlike = (nextId: string, noteId = rootNote) =>
      refuse('NOTES_UNLIKE', 'alder', to('merge', noteId), { nextId })
    expect(await unlike(last)).toMatchObject({ status: 409, field: 'body/nextId', presented: last })
    await unlike(rootNote)
    await unlike(rootNote, middle)
    await unlike(`0x${'ab'.repeat(32)}`)
    await tally.done('alder', to('transfers', last), offer())
    await unlike(last, middle)
    await tally.done('corvale', to('acceptance', last))
    await unlike(last, middle)
    await refuse('NOTE_PARTY_WRONG', 'meridian', to('merge', rootNote), { nextId: middle })

    await tally.done('alder', to('merge', rootNote), { nextId: middle })
    expect(await tally.note(rootNote)).toMatchObject({ start: '0', end: '9999900', state: 'live' })
    await tally.refused('NOTE_NOT_FOUND', `/v1/notes/${middle}`)
  })
})

describe('a dilution', () => {
  const dilution = { amount: '2500', creditNote: 'Credit note CN-1' }

  it('is only offered of what the creditor never sold', async () => {
    const { rootNote } = await tally.confirmed()
    const { noteId } = await tally.done('alder', to('transfers', rootNote), offer())
    await tally.done('corvale', to('acceptance', noteId!))
    const problem = await refuse('NOTE_SOLD', 'corvale', to('dilutions', noteId!), { ...dilution, amount: '1' })
    expect(problem).toMatchObject({
      status: 409,
      presented: { holder: corvale, tier: 1, assignor: alder },
      required: { holder: alder, tier: 0, assignor: null }
    })
    await refuse('AMOUNT_INVALID', 'alder', to('dilutions', rootNote), { ...dilution, amount: '9999901' })
  })

  it('takes the consent of the debtor, given to it and to no transfer: then that much is owed no more', async () => {
    const { rootNote, receivableId } = await tally.confirmed()
    const offered = await tally.done('alder', to('dilutions', rootNote), dilution)
    const noteId = offered.noteId!
    expect(await tally.note(noteId)).toMatchObject({ purpose: 'dilution', counterparty: meridian, amount: '2500' })
    const wrong = await refuse('NOTE_PURPOSE_WRONG', 'meridian', to('acceptance', noteId))
    expect(wrong).toMatchObject({ presented: 'dilution', required: ['transfer', 'trade-transfer'] })
    await refuse('NOTE_PURPOSE_WRONG', 'meridian', to('return-acceptance', noteId))
    await refuse('NOTE_NOT_FOUND', 'beichen', to('dilution-acceptance', noteId))
    await tally.done('meridian', to('refusal', noteId), { reason: 'Which credit note?' })
    await tally.done('alder', to('dilutions', noteId), dilution)
    await tally.done('meridian', to('dilution-acceptance', noteId))
    expect(await tally.note(noteId)).toMatchObject({ state: 'cancelled', counterparty: null })
    expect(await tally.receivable(receivableId)).toMatchObject({ cancelled: '2500', settled: '0', state: 'confirmed' })
    await refuse('NOTE_STATE_WRONG', 'alder', to('transfers', noteId), offer())
  })
})

describe('a dispute', () => {
  it('stops new transfers and locks until the debtor or a regulator lifts it', async () => {
    const { receivableId, rootNote } = await tally.confirmed()
    const path = (verb: string) => `/v1/receivables/${receivableId}/${verb}`
    const reason = { reason: 'The goods were wet' }
    await refuse('RECEIVABLE_NOT_DISPUTED', 'meridian', path('dispute-lifting'), reason)
    await refuse('RECEIVABLE_NOT_FOUND', 'beichen', path('dispute'), reason)
    await tally.done('meridian', path('dispute'), reason)
    expect(await tally.receivable(receivableId)).toMatchObject({ isDisputed: true, state: 'confirmed' })
    expect(await refuse('RECEIVABLE_DISPUTED', 'meridian', path('dispute'), reason)).toMatchObject({ status: 409 })
    await refuse('RECEIVABLE_DISPUTED', 'alder', to('transfers', rootNote), offer())
    await refuse('RECEIVABLE_DISPUTED', 'alder', to('locks', rootNote), lock('pledge'))
    await tally.done('regulator', path('dispute-lifting'), reason)
    await tally.done('alder', to('transfers', rootNote), offer())
    await tally.done('meridian', path('dispute'), reason)
    await tally.done('meridian', path('dispute-lifting'), reason)
    expect(await tally.receivable(receivableId)).toMatchObject({ isDisputed: false })
  })

  it('is not raised before confirmation', async () => {
    const { receivableId } = await tally.register()
    const problem = await refuse('RECEIVABLE_STATE_WRONG', 'meridian', `/v1/receivables/${receivableId}/dispute`, {
      reason: 'x'
    })
    expect(problem).toMatchObject({ presented: 'registered', required: 'confirmed' })
  })
})

describe('a freeze', () => {
  const jiangan = participantIdOf('jiangan')
  let file: string
  beforeAll(async () => {
    file = (await tally.order()).document
  })
  const lifting = () => ({ order: 'x', court: 'Court of Hamburg', document: file })
  const freeze = (more: object = {}) => ({
    amount: '400',
    until: inSeconds(86_400),
    escrow: jiangan,
    order: '1 O 1/26',
    court: 'Court of Hamburg',
    document: file,
    ...more
  })

  it('is for an existing part, an end within three years and an escrow that is a participant', async () => {
    const { rootNote } = await tally.confirmed()
    for (const until of [1, inSeconds(-1), inSeconds(3 * 365 * 86_400 + 60)]) {
      const problem = await refuse('FREEZE_INVALID', 'regulator', to('freezes', rootNote), freeze({ until }))
      expect(problem).toMatchObject({ status: 422, field: 'body/until', presented: until })
    }
    await refuse('PARTICIPANT_UNKNOWN', 'regulator', to('freezes', rootNote), freeze({ escrow: 999 }))
    await refuse('AMOUNT_INVALID', 'regulator', to('freezes', rootNote), freeze({ amount: '10000001' }))
    await refuse('NOTE_NOT_FROZEN', 'regulator', to('unfreeze', rootNote), lifting())
  })

  it('lets nothing move the part until it is lifted', async () => {
    const { rootNote } = await tally.confirmed()
    const until = inSeconds(86_400)
    const { noteId } = await tally.done('regulator', to('freezes', rootNote), freeze({ until }))
    expect(await tally.note(noteId!)).toMatchObject({ frozenUntil: until, freezeEscrow: jiangan, amount: '400' })
    for (const [verb, body] of [
      ['transfers', offer()],
      ['locks', lock('assignment')],
      ['dilutions', { amount: '1', creditNote: 'x' }]
    ] as const) {
      const problem = await refuse('NOTE_FROZEN', 'alder', to(verb, noteId!), body)
      expect(problem).toMatchObject({
        status: 409,
        required: until,
        reason: 'by order 1 O 1/26 of Court of Hamburg'
      })
    }
    await refuse('NOTE_FROZEN', 'regulator', to('freezes', noteId!), freeze())
    await refuse('NOTES_UNLIKE', 'alder', to('merge', rootNote), { nextId: noteId! })
    await tally.done('regulator', to('unfreeze', noteId!), { order: 'Lifted' })
    expect(await tally.note(noteId!)).toMatchObject({ frozenUntil: null })
    await tally.done('alder', to('transfers', noteId!), offer())
  })
})

describe('a claim of a factor', () => {
  const path = (verb: string, name: string) => `/v1/fingerprints/${name}/${verb}`
  const claim = { reason: 'pledged-elsewhere', reference: 'Contract LF-9' }

  it('keeps a document that is financed elsewhere out of the registry until it is released', async () => {
    const { documentId, fingerprint: name } = await tally.upload()
    await refuse('FINGERPRINT_CLAIM_MISSING', 'lindqvist', path('release', name), { reason: 'repaid' })
    const claimed = await tally.done('lindqvist', path('claim', name), claim)
    expect(claimed).toMatchObject({ receivableId: null, noteId: null })
    await refuse('FINGERPRINT_CLAIMED', 'huichuan', path('claim', name), claim)
    await refuse('FINGERPRINT_CLAIM_MISSING', 'huichuan', path('release', name), { reason: 'repaid' })
    const registration = { documentId, maturity: inSeconds(86_400) }
    expect(await refusedOnChain('alder', '/v1/receivables', registration)).toMatchObject({
      code: 'FingerprintAlreadyClaimed',
      args: { claimant: String(lindqvist), registry: '0' }
    })
    await tally.done('lindqvist', path('release', name), { reason: 'repaid' })
    await tally.done('alder', '/v1/receivables', registration)
    await refuse('FINGERPRINT_CLAIMED', 'lindqvist', path('claim', name), claim)
    await refuse('FINGERPRINT_CLAIM_MISSING', 'lindqvist', path('release', name), { reason: 'repaid' })
  })

  it('has a reason and a fingerprint of a known epoch', async () => {
    for (const body of [{ ...claim, reason: 'receivable' }, { reason: 'repaid' }, {}])
      await refuse('REQUEST_INVALID', 'lindqvist', path('claim', fingerprint(7)), body)
    await refuse('REQUEST_INVALID', 'lindqvist', path('claim', `0x0000${'11'.repeat(30)}`), claim)
    await refuse('ROLE_MISSING', 'alder', path('claim', fingerprint(7)), claim)
  })
})

describe('a lock', () => {
  it('is for one of three purposes', async () => {
    const { rootNote } = await tally.confirmed()
    for (const purpose of ['transfer', 'dilution', '', undefined])
      await refuse('REQUEST_INVALID', 'alder', to('locks', rootNote), { ...lock(''), purpose })
  })

  it('is freed by the factor, and not by the holder before it lapses', async () => {
    const { rootNote } = await tally.confirmed()
    const { noteId } = await tally.done('alder', to('locks', rootNote), lock('assignment'))
    const problem = await refuse('NOTE_DEADLINE_PENDING', 'alder', to('unlock', noteId!))
    expect(problem).toMatchObject({ status: 409, retry: 'later', required: expect.any(Number) })
    await refuse('NOTE_PARTY_WRONG', 'meridian', to('unlock', noteId!))
    await tally.done('lindqvist', to('unlock', noteId!))
    expect(await tally.note(noteId!)).toMatchObject({ state: 'live', purpose: 'none' })
  })

  it('for a pledge makes the factor the lender, who releases the note when it is repaid', async () => {
    const { rootNote } = await tally.confirmed()
    const { noteId } = await tally.done('alder', to('locks', rootNote), lock('pledge'))
    await tally.done('lindqvist', to('financing', noteId!), { disbursement: 'SEPA 1' })
    expect(await tally.note(noteId!)).toMatchObject({ state: 'pledged', holder: alder, counterparty: lindqvist })
    await refuse('NOTE_STATE_WRONG', 'alder', to('transfers', noteId!), offer())
    await refuse('NOTE_NOT_MATURED', 'lindqvist', to('foreclosure', noteId!))
    await refuse('NOTE_NOT_FOUND', 'huichuan', to('release', noteId!), { repayment: 'x' })
    await tally.done('lindqvist', to('release', noteId!), { repayment: 'SEPA 2' })
    expect(await tally.note(noteId!)).toMatchObject({ state: 'live', holder: alder, counterparty: null })
    await refuse('NOTE_STATE_WRONG', 'lindqvist', to('release', noteId!), { repayment: 'x' })
  })
})

describe('a freeze that nobody lifts', () => {
  it('ends by itself', async () => {
    const { rootNote } = await tally.confirmed()
    const until = inSeconds(3_600)
    const freeze = { amount: '400', until, escrow: participantIdOf('jiangan'), order: 'Order 2' }
    const { noteId } = await tally.done('regulator', to('freezes', rootNote), freeze)
    await refuse('NOTE_FROZEN', 'alder', to('transfers', noteId!), offer())
    await tally.turnClock(until)
    await refuse('NOTE_NOT_FROZEN', 'regulator', to('unfreeze', noteId!), { order: 'x', ...(await tally.order()) })
    await tally.done('alder', to('transfers', noteId!), offer())
  })
})

/** A fingerprint of the first epoch that stands for no document. */
function fingerprint(n: number): string {
  return `0x0001${n.toString(16).padStart(60, '0')}`
}
