/** What is looked at before an acceptance is signed: that it locks for the terms shown, and nothing else. */
import { describe, expect, it } from 'vitest'
import { requireTerms } from '../../client/acceptance.ts'
import { quoteText, type Quote } from '../../domain/factoring/terms.ts'
import { commitmentTo } from '../../domain/intent/commitment.ts'
import { callOf, type Command } from '../../domain/intent/commands.ts'
import { digestOfTypedData, executeTypedData, nonceOfIntent } from '../../domain/intent/typed-data.ts'
import { noteIdToHex } from '../../domain/note/span.ts'

const intentId = '0196f000-0000-7000-8000-000000000001'
const receivables = `0x${'11'.repeat(20)}`
const fingerprints = `0x${'22'.repeat(20)}`
const account = `0x${'33'.repeat(20)}`
const known = { chainId: 31_337, receivables, fingerprints, account }
const noteId = 7n << 64n
const terms: Quote = {
  v: 1,
  kind: 'quote',
  quoteId: '0196f000-0000-7000-8000-000000000002',
  requestId: '0196f000-0000-7000-8000-000000000003',
  factor: 10,
  requester: 5,
  receivableId: noteIdToHex(noteId).slice(0, 50),
  noteId: noteIdToHex(noteId),
  amount: '10000000',
  currency: 978,
  purpose: 'assignment',
  advanceBp: 9000,
  reserveBp: 1000,
  annualRateBp: 600,
  dayCount: 'ACT/360',
  interestDue: 'funding',
  fees: [{ kind: 'flat', due: 'funding', amount: '5000' }],
  isFirm: false,
  issuedAt: 1_790_000_000,
  expiresAt: 1_790_086_400,
  fundBy: 1_790_200_000,
  remark: '',
  salt: `0x${'44'.repeat(32)}`
}
const text = quoteText(terms)
const shown = { ...terms, text } as unknown as Parameters<typeof requireTerms>[2]
const lock: Extract<Command, { kind: 'lock' }> = {
  kind: 'lock',
  noteId,
  amount: 10_000_000n,
  factor: 10,
  deadline: terms.fundBy,
  purpose: 'assignment',
  quote: commitmentTo(terms.receivableId, text)
}

function intentOf(...commands: readonly Command[]) {
  const calls = commands.map((command) => callOf(command, known as never))
  const typedData = executeTypedData(known.chainId, account, calls, nonceOfIntent(intentId), 1_790_000_900)
  return { intentId, typedData, digest: digestOfTypedData(typedData) }
}

describe('an acceptance', () => {
  it('that locks for the quote shown may be signed', () => {
    expect(() => requireTerms(intentOf(lock), known, shown)).not.toThrow()
  })

  it.each([
    ['for more', { amount: 10_000_001n }],
    ['for another factor', { factor: 11 }],
    ['for longer', { deadline: terms.fundBy + 1 }],
    ['in another way', { purpose: 'pledge' as const }],
    ['another note', { noteId: 8n << 64n }],
    ['for other terms', { quote: commitmentTo(terms.receivableId, quoteText({ ...terms, annualRateBp: 6_000 })) }]
  ])('that locks %s must not', (_, change) => {
    expect(() => requireTerms(intentOf({ ...lock, ...change }), known, shown)).toThrow('does not lock for this quote')
  })

  it.each([
    ['another rate', { annualRateBp: 500 }],
    ['no fees', { fees: [] }],
    ['another remark', { remark: 'no fee' }]
  ])('must not be signed when the page was shown %s than the text says', (_, change) => {
    const other = { ...shown, ...change } as typeof shown
    expect(() => requireTerms(intentOf(lock), known, other)).toThrow(Object.keys(change)[0])
  })

  it('must not carry a second command', () => {
    const accept = { kind: 'accept', noteId } as const
    expect(() => requireTerms(intentOf(lock, accept), known, shown)).toThrow('no lock for a quote')
    expect(() => requireTerms(intentOf(accept), known, shown)).toThrow('no lock for a quote')
  })
})
