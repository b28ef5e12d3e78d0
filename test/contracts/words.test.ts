import { expect } from 'chai'
import fc from 'fast-check'
import { beforeEach, describe, it } from 'vitest'
import { claimReasons, decodeClaimWord } from '../../domain/fingerprint/claim-word.ts'
import { noteStates } from '../../domain/note/note-states.ts'
import { decodeNoteWord, encodeNoteWord, notePurposes, type NoteFields } from '../../domain/note/note-word.ts'
import { AMOUNT_MAX } from '../../domain/note/span.ts'
import { eventsOf, noteAt } from './notes.ts'
import { notesInEachState } from './verbs.ts'
import { as, claimWordOf, ethers, fingerprintOf, networkHelpers, worldOf, type Deployed, type World } from './world.ts'

/** Everything that the registry and Fingerprints said while notes came into every state and purpose. */
async function history(contract: Deployed): Promise<{ name: string; args: Record<string, bigint> }[]> {
  const logs = await ethers.provider.getLogs({ address: await contract.getAddress(), fromBlock: 0 })
  return logs.map((log) => {
    const { name, args } = contract.interface.parseLog(log)!
    return { name, args: args as unknown as Record<string, bigint> }
  })
}

describe('words in events', () => {
  let world: World
  const lived = async () => {
    const made = await worldOf('plain account')
    await notesInEachState(made)
    return made
  }
  beforeEach(async () => {
    world = await networkHelpers.loadFixture(lived)
  })

  it('the newest word of each note says what noteOf says, and encodes to itself', async () => {
    const newest = new Map<bigint, NoteFields>()
    const names = new Set<string>()
    for (const { name, args } of await history(world.receivables)) {
      if (args['note'] === undefined) continue
      names.add(name)
      const fields = decodeNoteWord(args['note'])
      expect(encodeNoteWord(fields)).to.equal(args['note'])
      newest.set(args['noteId']!, fields)
    }
    expect(newest.size).to.be.greaterThan(10)
    expect(names.size).to.be.greaterThan(7)
    for (const [noteId, fields] of newest) expect(await noteAt(world, noteId)).to.deep.equal(fields)
    const met = [...newest.values()]
    expect(new Set(met.map(({ state }) => state))).to.include.all.keys('offered', 'settled', 'cancelled', 'pledged')
    expect(met.some(({ hasRecourse }) => hasRecourse)).to.equal(true)
  })

  it('the newest claim of each fingerprint says what claimOf says', async () => {
    const claims = (await history(world.fingerprints)).filter(({ name }) => name === 'FingerprintClaimed')
    expect(claims.length).to.be.greaterThan(1)
    for (const { args } of claims) {
      const { subject, claimant, registry, reason } = decodeClaimWord(args['claim']!)
      const stored = [...(await world.fingerprints.getFunction('claimOf')(args['fingerprint']))]
      const numbers = [claimant, registry, claimReasons.indexOf(reason)].map(BigInt)
      expect(stored).to.deep.equal([subject, ...numbers])
    }
  })

  it('a claim at the bounds of its fields comes back as it was', async () => {
    const { fingerprints, receivables } = world
    const address = await receivables.getAddress()
    await networkHelpers.setBalance(address, 10n ** 20n)
    await networkHelpers.impersonateAccount(address)
    const registry = await ethers.getSigner(address)
    const bounds = [
      [2n ** 192n - 1n, 2 ** 32 - 1],
      [0n, 0],
      [1n, 2 ** 31]
    ] as const
    for (const [subject, claimant] of bounds) {
      for (const reason of claimReasons) {
        const word = claimWordOf(subject, claimant, 1, claimReasons.indexOf(reason))
        const [event] = await eventsOf(
          fingerprints,
          await as(fingerprints, registry)('claimFor')(fingerprintOf(`${subject} ${reason}`), word),
          'FingerprintClaimed'
        )
        expect(decodeClaimWord(event!.args['claim'])).to.deep.equal({ subject, claimant, registry: 1, reason })
      }
    }
  })
})

describe('words in the domain', () => {
  it('any fields of a note come back from their word', () => {
    const uint = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 })
    const uint40 = fc.bigInt({ min: 0n, max: 2n ** 40n - 1n }).map(Number)
    const fields: fc.Arbitrary<NoteFields> = fc.record({
      end: fc.bigInt({ min: 0n, max: AMOUNT_MAX }),
      holder: uint(32),
      counterparty: uint(32),
      assignor: uint(32),
      deadline: uint40,
      frozenUntil: uint40,
      tier: uint(8),
      state: fc.constantFrom(...noteStates),
      purpose: fc.constantFrom(...notePurposes),
      hasRecourse: fc.boolean()
    })
    fc.assert(
      fc.property(fields, (note) => {
        expect(decodeNoteWord(encodeNoteWord(note))).to.deep.equal(note)
      })
    )
  })

  it('a word of an unknown state or reason is refused', () => {
    expect(() => decodeNoteWord(7n << 248n)).to.throw(RangeError, 'no known state')
    expect(() => decodeClaimWord(6n << 232n)).to.throw(RangeError, 'no known reason')
  })
})
