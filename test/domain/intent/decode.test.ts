/** What is shown to who signs is read from the bytes alone. */
import { concat, getAddress, getCreateAddress } from 'ethers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contracts } from '../../../domain/chain/contracts.ts'
import { registryAddresses } from '../../../domain/chain/registries.ts'
import { callOf, type Command } from '../../../domain/intent/commands.ts'
import { CallUnknown, commandOf } from '../../../domain/intent/decode.ts'
import { claimReasons, releaseReasons } from '../../../domain/fingerprint/claim-word.ts'
import { wordsOf } from '../../../domain/intent/words.ts'
import { bitsToRoles, roleBits, rolesToBits, type Role } from '../../../domain/participant/roles.ts'

const targets = {
  receivables: `0x${'22'.repeat(20)}`,
  fingerprints: `0x${'44'.repeat(20)}`,
  participants: `0x${'77'.repeat(20)}`,
  accountFactory: `0x${'88'.repeat(20)}`,
  sm2Verifier: `0x${'99'.repeat(20)}`
}
const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((some) => `0x${Buffer.from(some).toString('hex')}`)
/** As ethers reads it back. */
const account = bytes(20).map((address) => getAddress(address))
const roles = fc
  .uniqueArray(fc.constantFrom(...(Object.keys(roleBits) as Role[])), { minLength: 1 })
  .map((some) => bitsToRoles(rolesToBits(some)))
const signers = fc.array(
  fc.record({ signer: fc.oneof(bytes(20), bytes(84)), duty: fc.constantFrom('maker' as const, 'checker' as const) }),
  { minLength: 1, maxLength: 4 }
)
const quorum = fc.record({ makers: fc.integer({ min: 1, max: 9 }), checkers: fc.integer({ min: 0, max: 9 }) })
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => `0x${Buffer.from(bytes).toString('hex')}`)
const noteId = fc.bigInt({ min: 0n, max: (1n << 256n) - 1n })
const receivableId = fc.bigInt({ min: 0n, max: (1n << 192n) - 1n })
const amount = fc.bigInt({ min: 0n, max: (1n << 63n) - 1n })
const party = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const time = fc.integer({ min: 0, max: 2 ** 40 - 1 })
const terms = fc.record({
  maturity: time,
  creditor: party,
  debtor: party,
  amount,
  currency: fc.integer({ min: 0, max: 65_535 }),
  contentCommitment: hash
})
const fingerprints = fc.array(hash, { maxLength: 4 })
const kind = <K extends Command['kind']>(...kinds: K[]) => fc.constantFrom(...kinds)

const commands: fc.Arbitrary<Command>[] = [
  fc.record({ kind: kind('register', 'issue', 'confirm', 'withdraw'), terms, fingerprints }),
  fc.record({ kind: kind('reject'), terms, fingerprints, reason: hash }),
  fc.record({ kind: kind('dispute', 'liftDispute'), receivableId, reason: hash }),
  fc.record({
    kind: kind('transfer'),
    noteId,
    amount,
    assignee: party,
    deadline: time,
    purpose: fc.constantFrom('transfer', 'trade-transfer'),
    tradeDocument: hash
  }),
  fc.record({ kind: kind('accept', 'acceptDilution', 'unlock', 'foreclose', 'acceptReturn'), noteId }),
  fc.record({ kind: kind('refuse'), noteId, tradeFingerprint: hash, reason: hash }),
  fc.record({ kind: kind('recall'), noteId, tradeFingerprint: hash }),
  fc.record({ kind: kind('merge'), noteId, nextId: noteId }),
  fc.record({ kind: kind('offerDilution'), noteId, amount, deadline: time, creditNote: hash }),
  fc.record({
    kind: kind('lock'),
    noteId,
    amount,
    factor: party,
    deadline: time,
    purpose: fc.constantFrom('assignment', 'recourse-assignment', 'pledge'),
    quote: hash
  }),
  fc.record({ kind: kind('finance'), noteId, disbursement: hash }),
  fc.record({ kind: kind('release'), noteId, repayment: hash }),
  fc.record({ kind: kind('returnNote'), noteId, deadline: time, demand: hash }),
  fc.record({ kind: kind('settle'), noteId, amount, payment: hash }),
  fc.record({ kind: kind('settleReceivable'), receivableId, payment: hash }),
  fc.record({ kind: kind('close'), receivableId }),
  fc.record({ kind: kind('freeze'), noteId, amount, until: time, escrow: party, order: hash }),
  fc.record({ kind: kind('unfreeze'), noteId, order: hash }),
  fc.record({
    kind: kind('claim'),
    fingerprint: hash,
    subject: receivableId,
    reason: fc.constantFrom(...claimReasons)
  }),
  fc.record({ kind: kind('releaseClaim'), fingerprint: hash, reason: fc.constantFrom(...releaseReasons) }),
  fc.record({ kind: kind('admit'), account, roles, legalIdentityHash: hash, certificateHash: hash }),
  fc.record({ kind: kind('createAccount'), signers, quorum, salt: hash }),
  fc.record({ kind: kind('prepareKey'), key: bytes(64) }),
  fc.record({ kind: kind('suspend', 'reinstate'), participantId: party }),
  fc.record({ kind: kind('changeRoles'), participantId: party, roles }),
  fc.record({ kind: kind('startRecovery', 'finishRecovery'), account, signers, quorum }),
  fc.record({ kind: kind('cancelRecovery', 'vetoRecovery'), account }),
  fc.record({
    kind: kind('changeSigners'),
    account,
    added: signers,
    removed: fc.array(bytes(84), { maxLength: 3 }),
    quorum
  })
]
const command = fc.oneof(...commands)

describe('commandOf', () => {
  it('gives back every command from its call', () => {
    fc.assert(
      fc.property(command, (one) => {
        expect(commandOf(callOf(one, targets), targets)).toEqual(one)
      }),
      { numRuns: 500 }
    )
  })

  it('refuses a call to another contract, however known its function', () => {
    const call = callOf({ kind: 'accept', noteId: 1n }, targets)
    expect(() => commandOf({ ...call, target: `0x${'66'.repeat(20)}` }, targets)).toThrow(CallUnknown)
    expect(() => commandOf({ ...call, target: targets.fingerprints }, targets)).toThrow(CallUnknown)
  })

  it('gives back a command to any registry version that Fingerprints creates', () => {
    const accept = { kind: 'accept', noteId: 1n } as const
    for (const receivables of [...registryAddresses(targets.fingerprints)].map((one) => one.toLowerCase())) {
      expect(commandOf(callOf(accept, { ...targets, receivables }), targets)).toEqual(accept)
    }
    const beyond = getCreateAddress({ from: targets.fingerprints, nonce: 128 })
    expect(() => commandOf(callOf(accept, { ...targets, receivables: beyond }), targets)).toThrow(CallUnknown)
  })

  it('refuses bytes behind the arguments, fewer bytes, and an unknown function', () => {
    const call = callOf({ kind: 'accept', noteId: 1n }, targets)
    for (const data of [concat([call.data, '0x00']), call.data.slice(0, -2), '0x12345678', '0x']) {
      expect(() => commandOf({ ...call, data }, targets), data).toThrow(CallUnknown)
    }
  })

  it('refuses a function of the registry that is no command of a participant', () => {
    const data = contracts.receivables.encodeFunctionData('noteOf', [1n])
    expect(() => commandOf({ target: targets.receivables, data }, targets)).toThrow('noteOf is no command')
  })

  it('refuses a purpose that a holder can not choose', () => {
    const args = [1n, 2, 3n, 4, 3, `0x${'ab'.repeat(32)}`]
    for (const name of ['transfer', 'lock']) {
      const data = contracts.receivables.encodeFunctionData(name, args)
      expect(() => commandOf({ target: targets.receivables, data }, targets)).toThrow(CallUnknown)
    }
  })

  it('refuses roles, a status and duties that are none, and the directory to who does not know it', () => {
    const { participants, participantAccount } = contracts
    const of = (name: string, args: unknown[]) => ({
      target: targets.participants,
      data: participants.encodeFunctionData(name, args)
    })
    expect(() => commandOf(of('setRoles', [3, 128]), targets)).toThrow(CallUnknown)
    expect(() => commandOf(of('setStatus', [3, 0]), targets)).toThrow(CallUnknown)
    const keys = [[{ signer: `0x${'12'.repeat(20)}`, duty: 0 }], { makers: 1, checkers: 0 }]
    const data = participantAccount.encodeFunctionData('finishRecovery', keys)
    expect(() => commandOf({ target: `0x${'66'.repeat(20)}`, data }, targets)).toThrow(CallUnknown)
    const { receivables, fingerprints: claims } = targets
    const suspend = callOf({ kind: 'suspend', participantId: 3 }, targets)
    expect(() => commandOf(suspend, { receivables, fingerprints: claims })).toThrow(CallUnknown)
    expect(() => callOf({ kind: 'suspend', participantId: 3 }, { receivables, fingerprints: claims })).toThrow(
      RangeError
    )
  })
})

describe('the words of the directory', () => {
  it('name roles, each key’s end and who has to sign, in both languages', () => {
    const signer = `0x${'ab'.repeat(20)}`
    const command = {
      kind: 'startRecovery',
      account: `0x${'12'.repeat(20)}`,
      signers: [{ signer, duty: 'maker' }]
    } as const
    const words = wordsOf(
      { ...command, quorum: { makers: 1, checkers: 0 } },
      { nameOf: String, currency: 0, nameOfAccount: () => 'Alder' }
    )
    expect(words.en).toMatch(
      /^Propose other keys for Alder \(0x(12){20}\): keys maker …(ab){6}; 1 maker and 0 checker have to sign/
    )
    expect(words.zh).toContain('经办 …abababababab；需经办 1 人、复核 0 人签名')
    expect(wordsOf({ kind: 'suspend', participantId: 3 }, { nameOf: (id) => `No. ${id}`, currency: 0 }).zh).toBe(
      '暂停No. 3：其持有不变，恢复前不得办理任何业务'
    )
  })
})
