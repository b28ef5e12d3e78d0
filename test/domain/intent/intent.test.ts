import { Wallet } from 'ethers'
import { describe, expect, it } from 'vitest'
import { contracts } from '../../../domain/chain/contracts.ts'
import { callOf, type Command } from '../../../domain/intent/commands.ts'
import {
  digestOfTypedData,
  encodeMultiSignature,
  executeTypedData,
  nonceOfIntent,
  recoverSigner
} from '../../../domain/intent/typed-data.ts'
import { wordsOf } from '../../../domain/intent/words.ts'
import { noteIdOf } from '../../../domain/note/span.ts'

const hash = `0x${'ab'.repeat(32)}`
const terms = {
  creditor: 5,
  debtor: 3,
  amount: 10_000_000n,
  currency: 978,
  maturity: 1_800_000_000,
  contentCommitment: hash
}
const noteId = noteIdOf(0xabcdefn, 6_000_000n)
const commands: Command[] = [
  { kind: 'register', terms, fingerprints: [hash] },
  { kind: 'issue', terms, fingerprints: [hash] },
  { kind: 'confirm', receivableId: 9n },
  { kind: 'reject', receivableId: 9n, contentCommitment: hash, fingerprints: [hash], reason: hash },
  { kind: 'withdraw', receivableId: 9n, contentCommitment: hash, fingerprints: [hash] },
  { kind: 'transfer', noteId, amount: 5n, assignee: 7, deadline: 1_700_000_000, tradeDocument: hash },
  { kind: 'accept', noteId },
  { kind: 'refuse', noteId, reason: hash },
  { kind: 'recall', noteId },
  { kind: 'lock', noteId, amount: 5n, factor: 11, deadline: 1_700_000_000, quote: hash },
  { kind: 'unlock', noteId },
  { kind: 'finance', noteId, disbursement: hash },
  { kind: 'settle', noteId, payment: hash }
]
const receivables = `0x${'22'.repeat(20)}`
const account = `0x${'33'.repeat(20)}`
const intentId = '0193527e-8f00-7abc-8def-0123456789ab'

describe('every command', () => {
  it.each(commands)('$kind becomes the call of the same name and arguments', (command) => {
    const call = callOf(command, { receivables })
    const parsed = contracts.receivables.parseTransaction({ data: call.data })
    expect(call.target).toBe(receivables)
    expect(parsed?.name).toBe(command.kind)
    expect(parsed?.args.toArray()[0]).toEqual(
      'noteId' in command ? command.noteId : 'receivableId' in command ? command.receivableId : expect.anything()
    )
  })

  it.each(commands)('$kind has words in both languages', (command) => {
    const words = wordsOf(command, { currency: 978, nameOf: (id) => `P${id}` })
    expect(words.en.length).toBeGreaterThan(8)
    expect(words.zh).toMatch(/[\u4e00-\u9fff]/)
  })

  it('says the amount in the currency and names the other party', () => {
    const words = wordsOf(commands[0]!, { currency: 978, nameOf: (id) => `P${id}` })
    expect(words.en).toBe('Register a receivable of EUR 100000.00 against P3, due 2027-01-15')
  })
})

describe('typed data', () => {
  const data = executeTypedData(
    31_415,
    account,
    [callOf(commands[2]!, { receivables })],
    nonceOfIntent(intentId),
    1_800_000_000
  )

  it('refuses an intent id that is not a UUID', () => {
    expect(() => nonceOfIntent('0193527E-8f00-7abc-8def-0123456789ab')).toThrow('lower-case UUID')
    expect(() => nonceOfIntent('1')).toThrow('lower-case UUID')
  })

  it('keeps the intent id in the nonce, sequence zero', () => {
    expect(nonceOfIntent(intentId)).toBe(0x0193527e8f007abc8def0123456789abn << 64n)
  })

  it('is signed by who signs it, and by nobody else once a field changes', async () => {
    const wallet = Wallet.createRandom()
    const signature = await wallet.signTypedData(data.domain, data.types, data.message)
    expect(recoverSigner(data, signature)).toBe(wallet.address)
    for (const changed of [
      { ...data, domain: { ...data.domain, chainId: 1 } },
      { ...data, domain: { ...data.domain, verifyingContract: receivables } },
      { ...data, message: { ...data.message, deadline: 1 } },
      { ...data, message: { ...data.message, nonce: '1' } },
      { ...data, message: { ...data.message, calls: [{ target: account, data: '0x' }] } }
    ]) {
      expect(digestOfTypedData(changed)).not.toBe(digestOfTypedData(data))
      expect(recoverSigner(changed, signature)).not.toBe(wallet.address)
    }
  })

  it('orders the signers of a multi-signature the same way, whoever signed first', () => {
    const parts = [1, 2, 3].map((n) => ({ signer: `0x${String(n).repeat(40)}`, signature: `0x0${n}` }))
    expect(encodeMultiSignature(parts.toReversed())).toBe(encodeMultiSignature(parts))
  })
})
