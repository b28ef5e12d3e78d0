import { expect } from 'chai'
import { AbiCoder, ZeroHash, keccak256, type TransactionResponse } from 'ethers'
import { beforeEach, describe, it } from 'vitest'
import { decodeClaimWord } from '../../domain/fingerprint/claim-word.ts'
import { noteIdOf } from '../../domain/note/span.ts'
import { receivableIdOf } from '../../domain/receivable/terms.ts'
import {
  accept,
  confirmed,
  eventsOf,
  fieldsOf,
  freezeOf,
  moves,
  noteAt,
  offerOf,
  purpose,
  recall,
  refuse,
  refused,
  settle,
  state,
  termsOf,
  type Confirmed
} from './notes.ts'
import {
  DAY,
  actorKinds,
  bounds,
  deployRegistry,
  fingerprintOf,
  hashOf,
  nextAt,
  now,
  worldOf,
  type World
} from './world.ts'

const trade = fingerprintOf('trade invoice')
const otherTrade = fingerprintOf('other trade invoice')

/** What the claim of a trade document stands for: the offer of that note at that tier. */
function subjectOf(noteId: bigint, tier: number): bigint {
  return BigInt(keccak256(AbiCoder.defaultAbiCoder().encode(['uint256', 'uint256'], [noteId, tier]))) % 2n ** 192n
}

describe.each(actorKinds)('with a %s', (kind) => {
  let world: World
  let first: Confirmed
  beforeEach(async () => {
    world = await worldOf(kind)
    first = await confirmed(world)
  })

  async function offer(amount: bigint, tradeDocument = trade) {
    const changed = { purpose: 'trade-transfer', tradeDocument } as const
    return world.supplier.act(await offerOf(first.noteId, amount, world.secondSupplier, changed))
  }

  async function claimantOf(fingerprint: string): Promise<number> {
    return Number((await world.fingerprints.getFunction('claimOf')(fingerprint)).claimant)
  }

  it('an offer is refused whose trade document backs a receivable or another offer', async () => {
    const { supplier, fingerprints } = world
    const registered = first.fingerprints[0]!
    const claim = [registered, supplier.id, 1, first.receivableId]
    await refused(offer(1_000n, registered), fingerprints, 'FingerprintAlreadyClaimed', ...claim)
    await offer(1_000n)
    const second = [trade, supplier.id, 1, subjectOf(first.at(9_000n), 0)]
    await refused(offer(500n), fingerprints, 'FingerprintAlreadyClaimed', ...second)
  })

  it('an offer is refused whose trade document has no key epoch', async () => {
    await refused(offer(1_000n, ZeroHash), world.fingerprints, 'FingerprintEpochInvalid', ZeroHash, 0, 1)
  })

  it('a receivable is refused whose document backs an offer', async () => {
    await offer(1_000n)
    const attempt = world.supplier.act({ kind: 'register', terms: await termsOf(world), fingerprints: [trade] })
    const claim = [trade, world.supplier.id, 1, subjectOf(first.at(9_000n), 0)]
    await refused(attempt, world.fingerprints, 'FingerprintAlreadyClaimed', ...claim)
  })

  it('refusing and recalling are refused without the claimed fingerprint, and with another one', async () => {
    await offer(1_000n)
    const noteId = first.at(9_000n)
    const { supplier, secondSupplier, receivables, fingerprints } = world
    await refused(secondSupplier.act(refuse(noteId)), receivables, 'NoteTradeMismatch', noteId, ZeroHash)
    await refused(supplier.act(recall(noteId)), receivables, 'NoteTradeMismatch', noteId, ZeroHash)
    for (const attempt of [secondSupplier.act(refuse(noteId, otherTrade)), supplier.act(recall(noteId, otherTrade))]) {
      await refused(attempt, fingerprints, 'FingerprintClaimMismatch', otherTrade, 0, 0, 0)
    }
    const registered = first.fingerprints[0]!
    const claim = [registered, supplier.id, 1, first.receivableId]
    await refused(supplier.act(recall(noteId, registered)), fingerprints, 'FingerprintClaimMismatch', ...claim)
  })

  it('an offer claims its trade document in the name of the holder', async () => {
    const deadline = (await now()) + DAY
    const changed = { purpose: 'trade-transfer', tradeDocument: trade, deadline } as const
    const sent = await world.supplier.act(await offerOf(first.noteId, 1_000n, world.secondSupplier, changed))
    const noteId = first.at(9_000n)
    const [claimed] = await eventsOf(world.fingerprints, sent, 'FingerprintClaimed')
    expect(claimed!.args['fingerprint']).to.equal(trade)
    expect(decodeClaimWord(claimed!.args['claim'])).to.deep.equal({
      subject: subjectOf(noteId, 0),
      claimant: world.supplier.id,
      registry: 1,
      reason: 'trade-document'
    })
    const offered = {
      end: 10_000n,
      holder: world.supplier.id,
      counterparty: world.secondSupplier.id,
      deadline,
      state: 'offered',
      purpose: 'trade-transfer'
    } as const
    await moves(world, Promise.resolve(sent), 'NoteOffered', noteId, offered, trade)
  })

  it.each(['refuse', 'recall'] as const)('%s frees the trade document for another offer', async (move) => {
    await offer(1_000n)
    const noteId = first.at(9_000n)
    const sent = await (move === 'refuse'
      ? world.secondSupplier.act(refuse(noteId, trade))
      : world.supplier.act(recall(noteId, trade)))
    const [released] = await eventsOf(world.fingerprints, sent, 'FingerprintReleased')
    expect([released!.args['fingerprint'], released!.args['reason']]).to.deep.equal([trade, 1n])
    expect(await claimantOf(trade)).to.equal(0)
    await offer(2_000n)
    expect(await claimantOf(trade)).to.equal(world.supplier.id)
  })

  it('acceptance keeps the claim, and no later offer of the note can free it', async () => {
    await offer(1_000n)
    const noteId = first.at(9_000n)
    await world.secondSupplier.act(accept(noteId))
    expect(await claimantOf(trade)).to.equal(world.supplier.id)
    const changed = { purpose: 'trade-transfer', tradeDocument: otherTrade } as const
    await world.secondSupplier.act(await offerOf(noteId, 1_000n, world.thirdSupplier, changed))
    const claim = [trade, world.supplier.id, 1, subjectOf(noteId, 0)]
    const attempt = world.secondSupplier.act(recall(noteId, trade))
    await refused(attempt, world.fingerprints, 'FingerprintClaimMismatch', ...claim)
    await world.secondSupplier.act(recall(noteId, otherTrade))
    expect(await claimantOf(trade)).to.equal(world.supplier.id)
    expect(await claimantOf(otherTrade)).to.equal(0)
  })

  describe('a freeze that cuts the offer', () => {
    let rest: bigint
    let piece: bigint
    let until: number
    let sent: TransactionResponse
    const later = { purpose: 'trade-transfer', tradeDocument: otherTrade } as const
    beforeEach(async () => {
      await offer(1_000n)
      ;[rest, piece] = [first.at(9_000n), first.at(9_600n)]
      until = (await now()) + DAY / 2
      sent = await world.regulator.act(await freezeOf(world, rest, 400n, { until }))
    })

    it('ends the offer of the frozen piece: its counterparty is refused, and nobody recalls it', async () => {
      const { supplier, secondSupplier, receivables } = world
      const required = [piece, state('live'), state('offered')]
      const moved = [
        () => secondSupplier.act(accept(piece)),
        () => secondSupplier.act(refuse(piece, trade)),
        () => supplier.act(recall(piece, trade))
      ]
      for (const attempt of moved) await refused(attempt(), receivables, 'NoteTransitionForbidden', ...required)
      const { id } = supplier
      const order = [hashOf('order'), BigInt(secondSupplier.id), BigInt(world.regulator.id)]
      const live = { end: 10_000n, holder: id, frozenUntil: until, state: 'live' } as const
      await moves(world, Promise.resolve(sent), 'NoteFrozen', piece, live, order)
      await refused(
        supplier.act(await offerOf(piece, 400n, secondSupplier)),
        receivables,
        'NoteFreezePending',
        piece,
        until
      )
    })

    it('leaves the rest its offer and its claim, which acceptance keeps', async () => {
      const { supplier, secondSupplier } = world
      expect(await noteAt(world, rest)).to.include({
        end: 9_600n,
        counterparty: secondSupplier.id,
        state: 'offered',
        purpose: 'trade-transfer'
      })
      await secondSupplier.act(accept(rest))
      expect(await noteAt(world, rest)).to.include({ end: 9_600n, holder: secondSupplier.id, tier: 1 })
      expect(await claimantOf(trade)).to.equal(supplier.id)
    })

    it('leaves the rest to be recalled, which frees the trade document', async () => {
      await refused(world.supplier.act(recall(rest)), world.receivables, 'NoteTradeMismatch', rest, ZeroHash)
      await world.supplier.act(recall(rest, trade))
      expect(await claimantOf(trade)).to.equal(0)
    })

    it('leaves the piece to be offered anew once it is over, under a claim of its own', async () => {
      const { supplier, secondSupplier, fingerprints } = world
      await secondSupplier.act(accept(rest))
      await nextAt(until)
      await supplier.act(await offerOf(piece, 400n, secondSupplier, later))
      const claim = [trade, supplier.id, 1, subjectOf(rest, 0)]
      await refused(supplier.act(recall(piece, trade)), fingerprints, 'FingerprintClaimMismatch', ...claim)
      await supplier.act(recall(piece, otherTrade))
      expect([await claimantOf(trade), await claimantOf(otherTrade)]).to.deep.equal([supplier.id, 0])
    })
  })

  it('a settlement that cuts the offer leaves the rest as it is, its claim included', async () => {
    await offer(1_000n)
    const rest = first.at(9_000n)
    const before = await noteAt(world, rest)
    await nextAt(first.terms.maturity)
    await world.clearing.act(settle(rest, 400n))
    expect(await noteAt(world, rest)).to.deep.equal({ ...before, end: 9_600n })
    const paid = { end: 10_000n, holder: world.supplier.id, counterparty: world.supplier.id, state: 'settled' } as const
    expect(await noteAt(world, first.at(9_600n))).to.deep.equal(fieldsOf(paid))
    expect(await claimantOf(trade)).to.equal(world.supplier.id)
    await world.supplier.act(recall(rest, trade))
    expect(await claimantOf(trade)).to.equal(0)
  })

  it('a freeze of the whole offer leaves it as it is', async () => {
    await offer(1_000n)
    const noteId = first.at(9_000n)
    const until = (await now()) + DAY / 2
    await world.regulator.act(await freezeOf(world, noteId, 1_000n, { until }))
    await nextAt(until)
    await world.supplier.act(recall(noteId, trade))
    expect(await claimantOf(trade)).to.equal(0)
  })

  it('a policy can allow no other transfer than one that claims', async () => {
    const strict = await deployRegistry(world, { ...bounds, requiresTradeClaim: true })
    const terms = await termsOf(world)
    const fingerprints = [fingerprintOf('strict')]
    await world.debtor.act({ kind: 'issue', terms, fingerprints }, strict)
    const noteId = noteIdOf(receivableIdOf(terms, fingerprints), 0n)
    const attempt = world.supplier.act(await offerOf(noteId, 10_000n, world.secondSupplier), strict)
    const required = [noteId, purpose('transfer'), purpose('trade-transfer')]
    await refused(attempt, strict, 'NotePurposeMismatch', ...required)
    const changed = { purpose: 'trade-transfer', tradeDocument: trade } as const
    await world.supplier.act(await offerOf(noteId, 10_000n, world.secondSupplier, changed), strict)
    const { registry } = await world.fingerprints.getFunction('claimOf')(trade)
    expect(registry).to.equal(2n)
  })
})
