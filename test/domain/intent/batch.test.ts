import { contracts } from '../../../domain/chain/contracts.ts'
import { callOf } from '../../../domain/intent/commands.ts'
import { describe, expect, it } from 'vitest'
import { batchWordsOf, splitBatch, type BatchCommand } from '../../../domain/intent/batch.ts'

function command(kind: 'register' | 'confirm', amount: bigint, fingerprints = 1, currency = 978): BatchCommand {
  return {
    kind,
    terms: {
      creditor: 7,
      debtor: 8,
      amount,
      currency,
      maturity: 1_803_945_599,
      contentCommitment: `0x${'11'.repeat(32)}`
    },
    fingerprints: Array.from({ length: fingerprints }, (_, i) => `0x${String(i + 1).padStart(64, '0')}`)
  }
}

const deployment = { receivables: `0x${'22'.repeat(20)}`, fingerprints: `0x${'33'.repeat(20)}` }

describe('a batch', () => {
  const sizesOf = (...commands: readonly BatchCommand[]): number[] =>
    splitBatch(commands, (each) => each).map(({ length }) => length)
  const many = (count: number, kind: 'register' | 'confirm', fingerprints: number): BatchCommand[] =>
    Array.from({ length: count }, (_, i) => command(kind, BigInt(i + 1), fingerprints))

  it('is one intent while calldata and gas allow, then some of about one size', () => {
    expect(sizesOf(command('register', 1n))).toEqual([1])
    expect(sizesOf(...many(250, 'register', 1))).toEqual([250])
    expect(sizesOf(...many(1000, 'register', 1))).toEqual([250, 250, 250, 250])
    expect(sizesOf(...many(1000, 'confirm', 1))).toEqual([250, 250, 250, 250])
    expect(sizesOf(...many(1000, 'register', 4))).toEqual([111, 111, 111, 111, 112, 111, 111, 111, 111])
  })

  it('keeps its order, and each of it once, when commands are unlike', () => {
    const mixed = Array.from({ length: 777 }, (_, i) => command('register', BigInt(i + 1), 1 + (i % 4)))
    const split = splitBatch(mixed, (each) => each)
    expect(split.flat()).toEqual(mixed)
    for (const part of split) {
      // The bounds themselves, by what is measured of the contract (bench/results/gas.json) and encoded.
      const gas = part.reduce((sum, { fingerprints }) => sum + 37_323 + 24_000 * (fingerprints.length - 1), 0)
      expect(gas).toBeLessThan(14_000_000)
    }
    const calls = splitBatch(mixed, (each) => each)[0]!.map((each) => callOf(each, deployment))
    const data = contracts.participantAccount.encodeFunctionData('execute', [calls, 1n, 1n, '0x'])
    expect((data.length - 2) / 2).toBeLessThan(122_000)
  })

  const names = { nameOf: (id: number) => (id === 7 ? 'Alder & Finch' : 'Meridian') }

  it('is told by count, sum, first, last and each one', () => {
    const commands = [command('register', 10_000n), command('register', 2_550n), command('register', 1n)]
    expect(batchWordsOf(commands, ['A-1', 'A-2', 'A-3'], names)).toEqual({
      en: `Register 3 receivables of EUR 125.51 in all; all of them or none. First: "A-1" of EUR 100.00 against Meridian, due 2027-03-01. Last: "A-3" of EUR 0.01 against Meridian, due 2027-03-01. Each:
1. "A-1" of EUR 100.00 against Meridian, due 2027-03-01
2. "A-2" of EUR 25.50 against Meridian, due 2027-03-01
3. "A-3" of EUR 0.01 against Meridian, due 2027-03-01`,
      zh: `登记 3 笔应收账款，合计 EUR 125.51；全部执行或全不执行。第一笔："A-1" 对Meridian的 EUR 100.00，到期日 2027-03-01。最后一笔："A-3" 对Meridian的 EUR 0.01，到期日 2027-03-01。逐笔：
1. "A-1" 对Meridian的 EUR 100.00，到期日 2027-03-01
2. "A-2" 对Meridian的 EUR 25.50，到期日 2027-03-01
3. "A-3" 对Meridian的 EUR 0.01，到期日 2027-03-01`
    })
  })

  it('tells sums of each currency apart, and what a debtor promises', () => {
    const commands = [command('confirm', 10_000n), command('confirm', 500n, 1, 392), command('confirm', 1n)]
    const { en, zh } = batchWordsOf(commands, ['A', 'B', 'C'], names)
    expect(en).toContain(
      'Confirm 3 receivables of EUR 100.01 in 2 and JPY 500 in 1, and promise to pay the holders of each on its due day'
    )
    expect(zh).toContain('确权 3 笔应收账款，合计 EUR 100.01（2 笔）、JPY 500（1 笔），承诺于各到期日向持有人付款')
    expect(en).toContain('\n2. "B" of JPY 500 owed to Alder & Finch, due 2027-03-01\n')
  })

  it('shows a number that looks like another line as the text that it is', () => {
    const { en } = batchWordsOf([command('register', 1n), command('register', 2n)], ['X"\n9. "Y', 'Z'], names)
    expect(en.split('\n')).toHaveLength(3)
    expect(en).toContain('1. "X\\"\\n9. \\"Y" of EUR 0.01')
  })
})
