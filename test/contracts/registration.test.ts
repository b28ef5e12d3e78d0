import { expect } from 'chai'
import { beforeEach, describe, it } from 'vitest'
import type { Command } from '../../domain/intent/commands.ts'
import { decodeClaimWord } from '../../domain/fingerprint/claim-word.ts'
import { AMOUNT_MAX, noteIdOf } from '../../domain/note/span.ts'
import { roleBits } from '../../domain/participant/roles.ts'
import type { ReceivableState } from '../../domain/receivable/receivable-states.ts'
import { receivableIdOf, type Terms } from '../../domain/receivable/terms.ts'
import {
  confirmed,
  eventsOf,
  fieldsOf,
  noteAt,
  receivableState as state,
  receivableStateOf,
  refused,
  register,
  termsOf,
  termsTuple,
  type Registered
} from './notes.ts'
import {
  actorKinds,
  bounds,
  deployRegistry,
  fingerprintOf,
  hashOf,
  networkHelpers,
  nextAt,
  now,
  setRoles,
  suspend,
  worldOf,
  type Actor,
  type World
} from './world.ts'

const document = fingerprintOf('invoice')

describe.each(actorKinds)('with a %s', (kind) => {
  let world: World
  beforeEach(async () => {
    world = await worldOf(kind)
  })

  async function create(by: 'register' | 'issue', changed: Partial<Terms> = {}, fingerprints = [document]) {
    return creatorOf(by).act({ kind: by, terms: await termsOf(world, changed), fingerprints })
  }

  function creatorOf(by: 'register' | 'issue'): Actor {
    return by === 'register' ? world.supplier : world.debtor
  }

  async function restatedState({ terms, fingerprints }: Pick<Registered, 'terms' | 'fingerprints'>): Promise<number> {
    return Number(await world.receivables.getFunction('stateOf')(terms, fingerprints))
  }

  async function end(how: 'reject' | 'withdraw', restated: Pick<Registered, 'terms' | 'fingerprints'>, by?: Actor) {
    const { terms, fingerprints } = restated
    return how === 'reject'
      ? (by ?? world.debtor).act({ kind: how, terms, fingerprints, reason: hashOf('reason') })
      : (by ?? world.supplier).act({ kind: how, terms, fingerprints })
  }

  describe.each(['register', 'issue'] as const)('%s', (by) => {
    const to: ReceivableState = by === 'register' ? 'registered' : 'confirmed'

    it('is refused to whoever is not the party that the terms name', async () => {
      const terms = await termsOf(world)
      const other = by === 'register' ? world.secondSupplier : world.otherDebtor
      const required = by === 'register' ? terms.creditor : terms.debtor
      const attempt = other.act({ kind: by, terms, fingerprints: [document] })
      await refused(attempt, world.receivables, 'TermsPartyMismatch', other.id, required)
    })

    it('is refused to an account not admitted, without the role, and suspended', async () => {
      const command = { kind: by, terms: await termsOf(world), fingerprints: [document] }
      const [actor, role] = [creatorOf(by), by === 'register' ? roleBits.supplier : roleBits.debtor]
      const { participants, outsider } = world
      await refused(outsider.act(command), participants, 'ParticipantUnknown', outsider.address)
      await setRoles(world, actor, ['factor'])
      await refused(actor.act(command), participants, 'ParticipantRoleMissing', actor.id, roleBits.factor, role)
      await suspend(world, actor)
      await refused(actor.act(command), participants, 'ParticipantNotActive', actor.id, 2, 1)
    })

    it('is refused when the other party is unknown, suspended or without its role', async () => {
      const other = by === 'register' ? 'debtor' : 'creditor'
      const { participants, factor } = world
      for (const id of [0, 99]) {
        await refused(create(by, { [other]: id }), participants, 'ParticipantIdUnknown', id)
      }
      const role = by === 'register' ? roleBits.debtor : roleBits.supplier
      const roleless = create(by, { [other]: factor.id })
      await refused(roleless, participants, 'ParticipantRoleMissing', factor.id, roleBits.factor, role)
      const suspended = by === 'register' ? world.debtor : world.supplier
      await suspend(world, suspended)
      await refused(create(by), participants, 'ParticipantNotActive', suspended.id, 2, 1)
    })

    it.each([0n, AMOUNT_MAX + 1n, 2n ** 64n - 1n])('is refused with the amount %s', async (amount) => {
      await refused(create(by, { amount }), world.receivables, 'TermsAmountInvalid', amount, AMOUNT_MAX)
    })

    it('goes through with the least and with the greatest amount', async () => {
      for (const amount of [1n, AMOUNT_MAX]) await create(by, { amount }, [fingerprintOf(`amount ${amount}`)])
    })

    it('is refused when debtor and creditor are one', async () => {
      const { otherDebtor, receivables } = world
      const terms = await termsOf(world, { creditor: otherDebtor.id, debtor: otherDebtor.id })
      const attempt = otherDebtor.act({ kind: by, terms, fingerprints: [document] })
      await refused(attempt, receivables, 'TermsPartiesEqual', otherDebtor.id)
    })

    it.each([0, 1000, 65_535])('is refused with the currency %i', async (currency) => {
      await refused(create(by, { currency }), world.receivables, 'TermsCurrencyInvalid', currency, 999)
    })

    it('is refused when it matures in this very second or a second beyond the longest tenor', async () => {
      const at = (await now()) + 100
      for (const maturity of [at, at + bounds.maxTenor + 1]) {
        const terms = await termsOf(world, { maturity })
        const snapshot = await networkHelpers.takeSnapshot()
        await nextAt(at)
        const attempt = creatorOf(by).act({ kind: by, terms, fingerprints: [document] })
        const required = [maturity, at + 1, at + bounds.maxTenor]
        await refused(attempt, world.receivables, 'TermsMaturityInvalid', ...required)
        await snapshot.restore()
      }
    })

    it('goes through with the shortest and with the longest tenor', async () => {
      for (const tenor of [1, bounds.maxTenor]) {
        const at = (await now()) + 100
        const terms = await termsOf(world, { maturity: at + tenor })
        await nextAt(at)
        await creatorOf(by).act({ kind: by, terms, fingerprints: [fingerprintOf(`tenor ${tenor}`)] })
      }
    })

    it('is refused with no fingerprint and with five', async () => {
      const five = ['a', 'b', 'c', 'd', 'e'].map((text) => fingerprintOf(text))
      for (const fingerprints of [[], five]) {
        const attempt = create(by, {}, fingerprints)
        await refused(attempt, world.receivables, 'TermsFingerprintsInvalid', fingerprints.length, 4)
      }
      await create(by, {}, five.slice(0, 4))
    })

    it('is refused with a fingerprint without key epoch', async () => {
      const withoutEpoch = fingerprintOf('invoice', 0)
      const attempt = create(by, {}, [document, withoutEpoch])
      await refused(attempt, world.fingerprints, 'FingerprintEpochInvalid', withoutEpoch, 0, 1)
    })

    it('is refused when one of its fingerprints is claimed, also twice within itself', async () => {
      const { fingerprints, supplier } = world
      const first = await register(world)
      const second = create(by, {}, [document, first.fingerprints[0]!])
      const claim = [first.fingerprints[0], supplier.id, 1, first.receivableId]
      await refused(second, fingerprints, 'FingerprintAlreadyClaimed', ...claim)
      const terms = await termsOf(world)
      const twice = creatorOf(by).act({ kind: by, terms, fingerprints: [document, document] })
      const within = [document, creatorOf(by).id, 1, receivableIdOf(terms, [document, document])]
      await refused(twice, fingerprints, 'FingerprintAlreadyClaimed', ...within)
      expect((await fingerprints.getFunction('claimOf')(document)).registry).to.equal(0n)
    })

    it('is refused for what is registered, and for ever for what was confirmed, rejected or withdrawn', async () => {
      const first = await register(world)
      const again = ({ terms, fingerprints }: Registered) => creatorOf(by).act({ kind: by, terms, fingerprints })
      const claim = [first.fingerprints[0], world.supplier.id, 1, first.receivableId]
      await refused(again(first), world.fingerprints, 'FingerprintAlreadyClaimed', ...claim)
      const ends = { confirmed: await confirmed(world), rejected: await register(world), withdrawn: first }
      await end('reject', ends.rejected)
      await end('withdraw', ends.withdrawn)
      for (const [presented, { receivableId, ...restated }] of Object.entries(ends)) {
        const required = [receivableId, state(presented as ReceivableState), state(to)]
        const attempt = again({ receivableId, ...restated })
        await refused(attempt, world.receivables, 'ReceivableTransitionForbidden', ...required)
      }
    })

    it('claims each fingerprint for the receivable in the name of its creator', async () => {
      const fingerprints = [document, fingerprintOf('contract')]
      const terms = await termsOf(world)
      const sent = await creatorOf(by).act({ kind: by, terms, fingerprints })
      const receivableId = receivableIdOf(terms, fingerprints)
      const claimed = await eventsOf(world.fingerprints, sent, 'FingerprintClaimed')
      expect(claimed.map(({ args }) => args['fingerprint'])).to.deep.equal(fingerprints)
      for (const { args } of claimed) {
        expect(decodeClaimWord(args['claim'])).to.deep.equal({
          subject: receivableId,
          claimant: creatorOf(by).id,
          registry: 1,
          reason: 'receivable'
        })
      }
    })
  })

  describe('register', () => {
    it('is refused to another creditor with the same document', async () => {
      const first = await register(world)
      const terms = await termsOf(world, { creditor: world.secondSupplier.id, debtor: world.otherDebtor.id })
      const attempt = world.secondSupplier.act({ kind: 'register', terms, fingerprints: first.fingerprints })
      const claim = [first.fingerprints[0], world.supplier.id, 1, first.receivableId]
      await refused(attempt, world.fingerprints, 'FingerprintAlreadyClaimed', ...claim)
    })

    it('says its terms, opens no note and stores nothing but the claims', async () => {
      const terms = await termsOf(world)
      const receivableId = receivableIdOf(terms, [document])
      const tuple = termsTuple(terms)
      await expect(world.supplier.act({ kind: 'register', terms, fingerprints: [document] }))
        .to.emit(world.receivables, 'ReceivableRegistered')
        .withArgs(receivableId, tuple, [document])
      expect(await restatedState({ terms, fingerprints: [document] })).to.equal(state('registered'))
      const stored = [...(await world.receivables.getFunction('receivableOf')(receivableId))]
      expect(stored).to.deep.equal([0n, 0n, 0n, 0n, 0n, 0n, false])
      expect(await noteAt(world, noteIdOf(receivableId, 0n))).to.deep.equal(fieldsOf())
    })
  })

  describe.each(['issue', 'confirm'] as const)('%s', (by) => {
    it('stores the terms and opens the root note in the hands of the creditor', async () => {
      const registered = by === 'confirm' ? await register(world) : undefined
      const terms = registered?.terms ?? (await termsOf(world))
      const fingerprints = registered?.fingerprints ?? [document]
      const receivableId = receivableIdOf(terms, fingerprints)
      await nextAt(terms.maturity - 1)
      const acting = expect(world.debtor.act({ kind: by, terms, fingerprints })).to.emit(
        world.receivables,
        by === 'issue' ? 'ReceivableIssued' : 'ReceivableConfirmed'
      )
      await (by === 'issue'
        ? acting.withArgs(receivableId, termsTuple(terms), fingerprints)
        : acting.withArgs(receivableId))
      const { amount, creditor, debtor, maturity, currency } = terms
      const stored = [...(await world.receivables.getFunction('receivableOf')(receivableId))]
      const numbers = [creditor, debtor, maturity, currency, state('confirmed')].map(BigInt)
      expect(stored).to.deep.equal([amount, ...numbers, false])
      expect(await restatedState({ terms, fingerprints })).to.equal(state('confirmed'))
      const root = await noteAt(world, noteIdOf(receivableId, 0n))
      expect(root).to.deep.equal(fieldsOf({ end: amount, holder: creditor, state: 'live' }))
    })
  })

  describe.each(['confirm', 'reject', 'withdraw'] as const)('%s', (move) => {
    const to: ReceivableState = { confirm: 'confirmed', reject: 'rejected', withdraw: 'withdrawn' }[move] as never
    const entitled = () => (move === 'withdraw' ? world.supplier : world.debtor)
    async function attempt({ terms, fingerprints }: Pick<Registered, 'terms' | 'fingerprints'>, by = entitled()) {
      return move === 'confirm' ? by.act({ kind: move, terms, fingerprints }) : end(move, { terms, fingerprints }, by)
    }

    it('is refused to whoever is not the party that the terms name', async () => {
      const registered = await register(world)
      const other = move === 'withdraw' ? world.secondSupplier : world.otherDebtor
      await refused(attempt(registered, other), world.receivables, 'TermsPartyMismatch', other.id, entitled().id)
      const { participants, outsider, factor } = world
      await refused(attempt(registered, outsider), participants, 'ParticipantUnknown', outsider.address)
      const role = move === 'withdraw' ? roleBits.supplier : roleBits.debtor
      const missing = [factor.id, roleBits.factor, role]
      await refused(attempt(registered, factor), participants, 'ParticipantRoleMissing', ...missing)
      await suspend(world, entitled())
      await refused(attempt(registered), participants, 'ParticipantNotActive', entitled().id, 2, 1)
    })

    it('is refused when terms or fingerprints are not restated as they were registered', async () => {
      const terms = await termsOf(world)
      const fingerprints = [document, fingerprintOf('contract')]
      await world.supplier.act({ kind: 'register', terms, fingerprints })
      const restated: Pick<Registered, 'terms' | 'fingerprints'>[] = [
        { terms, fingerprints: [] },
        { terms, fingerprints: fingerprints.slice(0, 1) },
        { terms, fingerprints: fingerprints.toReversed() },
        { terms, fingerprints: [...fingerprints, fingerprintOf('other')] },
        { terms: { ...terms, amount: terms.amount + 1n }, fingerprints },
        { terms: { ...terms, currency: 840 }, fingerprints },
        { terms: { ...terms, maturity: terms.maturity + 1 }, fingerprints },
        { terms: { ...terms, contentCommitment: hashOf('other content') }, fingerprints },
        {
          terms: move === 'withdraw' ? { ...terms, debtor: world.otherDebtor.id } : { ...terms, creditor: 99 },
          fingerprints
        }
      ]
      for (const other of restated) {
        const required = [receivableIdOf(other.terms, other.fingerprints), state('none'), state(to)]
        await refused(attempt(other), world.receivables, 'ReceivableTransitionForbidden', ...required)
      }
      expect(await restatedState({ terms, fingerprints })).to.equal(state('registered'))
    })

    it('is refused of a receivable of another registry version', async () => {
      const registered = await register(world)
      const second = await deployRegistry(world)
      const { terms, fingerprints, receivableId } = registered
      const command: Command =
        move === 'reject'
          ? { kind: move, terms, fingerprints, reason: hashOf('reason') }
          : { kind: move, terms, fingerprints }
      const required = [receivableId, state('none'), state(to)]
      await refused(entitled().act(command, second), second, 'ReceivableTransitionForbidden', ...required)
    })
  })

  it('a receivable whose maturity has come is not confirmed any more, and can still be rejected', async () => {
    const registered = await register(world)
    const { terms, fingerprints, receivableId } = registered
    await nextAt(terms.maturity)
    const required = [terms.maturity, terms.maturity + 1, terms.maturity + bounds.maxTenor]
    const late = world.debtor.act({ kind: 'confirm', terms, fingerprints })
    await refused(late, world.receivables, 'TermsMaturityInvalid', ...required)
    await end('reject', registered)
    expect(await receivableStateOf(world, receivableId)).to.equal('rejected')
  })

  it.each([
    ['reject', 'ReceivableRejected', 'rejected'],
    ['withdraw', 'ReceivableWithdrawn', 'withdrawn']
  ] as const)('%s frees every fingerprint and leaves a tombstone of the full terms', async (how, event, to) => {
    const terms = await termsOf(world)
    const fingerprints = [document, fingerprintOf('contract')]
    const receivableId = receivableIdOf(terms, fingerprints)
    await world.supplier.act({ kind: 'register', terms, fingerprints })
    const sent = await end(how, { terms, fingerprints })
    const [ended] = await eventsOf(world.receivables, sent, event)
    expect([...ended!.args]).to.deep.equal(how === 'reject' ? [receivableId, hashOf('reason')] : [receivableId])
    const released = await eventsOf(world.fingerprints, sent, 'FingerprintReleased')
    expect(released.map(({ args }) => args['fingerprint'])).to.deep.equal(fingerprints)
    for (const { args } of released) {
      expect(decodeClaimWord(args['claim']).subject).to.equal(receivableId)
      expect(args['reason']).to.equal(1n)
    }
    const { amount, creditor, debtor, maturity, currency } = terms
    const stored = [...(await world.receivables.getFunction('receivableOf')(receivableId))]
    expect(stored).to.deep.equal([amount, ...[creditor, debtor, maturity, currency, state(to)].map(BigInt), false])
    expect(await noteAt(world, noteIdOf(receivableId, 0n))).to.deep.equal(fieldsOf())
    // The documents are free for other terms, e.g. a corrected amount.
    await create('register', { amount: 9_999n }, fingerprints)
  })
})
