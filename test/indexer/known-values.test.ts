import fc from 'fast-check'
import { id } from 'ethers'
import { expect, test } from 'vitest'
import { bloomOf, filterOf, isValue } from '../../indexer/chain/bloom.ts'
import { isHex, quantityOf } from '../../indexer/chain/hex.ts'
import { receivableIdAt, SLOTS, slotOf, subjectOf } from '../../indexer/chain/known-values.ts'

const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`))

test('any text has a slot', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ maxLength: 80 }),
        digits(64).map((text) => `0x${text}`)
      ),
      (text) => {
        expect(slotOf(text)).toBeGreaterThanOrEqual(0)
        expect(slotOf(text)).toBeLessThan(SLOTS)
      }
    )
  )
})

test('ids that share a slot are told apart, and from what they were before', () => {
  fc.assert(
    fc.property(fc.array(digits(44), { minLength: 2, maxLength: 20 }), digits(16), (tails, start) => {
      // Digits 3 to 6 of the id make its slot.
      const ids = tails
        .map((tail) => `${tail.slice(0, 2)}beef${tail.slice(2)}`)
        .map((text) => text.slice(0, 48).padEnd(48, '0'))
      for (const text of [...ids, ...ids.toReversed()]) {
        expect(receivableIdAt(`0x${text}${start}`, 2)).toBe(`0x${text}`)
        expect(receivableIdAt(`0x${'0'.repeat(16)}${text}`, 18)).toBe(`0x${text}`)
        expect(subjectOf(`0x0002000000000001${text}`)).toBe(`0x${text}`)
      }
    })
  )
})

/** Values of one slot: the same digits where it is looked up. */
const ofOneSlot = (byte: number): string => `0x${byte.toString(16).padStart(2, '0').repeat(8)}00${'ab'.repeat(21)}1234`

test('the filter of values that share a slot is that of each alone', () => {
  const address = `0x${'12'.repeat(20)}`
  const topics = Array.from({ length: 12 }, (_, i) => ofOneSlot(i + 1))
  expect(new Set(topics.map(slotOf)).size).toBe(1)
  for (const topic of [...topics, ...topics]) {
    const log = { address, topics: [topic, id('event'), topic] }
    const bloom = bloomOf([log])!
    expect(filterOf([topic])(bloom)).toBe(true)
    const others = topics.filter((other) => other !== topic && filterOf([other])(bloom))
    // Three bits of 2,048 with nine set: another value is covered once in a million.
    expect(others).toEqual([])
    expect(log.topics).toEqual([topic, id('event'), topic])
  }
})

test('what is no value is none, also right after one in its slot', () => {
  const topic = ofOneSlot(7)
  expect(bloomOf([{ address: `0x${'12'.repeat(20)}`, topics: [topic] }])).toBeDefined()
  const false_ = [
    topic.toUpperCase(),
    topic.replace('ab', 'aB'),
    topic.replace('ab', 'ag'),
    `${topic}00`,
    topic.slice(0, -2),
    `${topic.slice(0, -1)}\n`
  ]
  for (const value of false_) {
    expect(isValue(value, 32), value).toBe(false)
    expect(bloomOf([{ address: `0x${'12'.repeat(20)}`, topics: [value] }]), value).toBeUndefined()
  }
  expect(isValue(topic, 32)).toBe(true)
  expect(isValue(topic, 20)).toBe(false)
})

test('a quantity is the number of its digits however many there are, and NaN for what is none', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 52 - 1 }), fc.nat({ max: 60 }), (n, zeros) => {
      expect(quantityOf(`0x${'0'.repeat(zeros)}${n.toString(16)}`)).toBe(n)
    })
  )
  expect(quantityOf(`0x${'f'.repeat(64)}`)).toBeGreaterThan(2 ** 255)
  for (const value of ['0x', '0xA', '0xg', '1x1', '0y1', ' 0x1', '0x1 ', '0x1\n', '1', '', 1, null, undefined]) {
    expect(quantityOf(value), String(value)).toBeNaN()
  }
  fc.assert(
    fc.property(fc.string({ maxLength: 10 }), (text) => {
      expect(Number.isNaN(quantityOf(text))).toBe(!(isHex(text) && text.length > 2))
    })
  )
})
