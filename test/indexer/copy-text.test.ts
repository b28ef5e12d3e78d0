import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CopyText, recycle, type PlainJson } from '../../indexer/projections/copy-text.ts'

const text = fc.stringMatching(/^[\da-zA-Z_.{}[\],() -]{0,90}$/)
const json: fc.Arbitrary<PlainJson> = fc.letrec<{ json: PlainJson }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.boolean(),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.stringMatching(/^[a-zA-Z]\w{0,30}$/), tie('json'), { maxKeys: 4 })
  )
})).json
const cell = fc.oneof(
  text.map((value) => ({ kind: 'plain', value }) as const),
  fc.oneof(fc.nat(), fc.maxSafeInteger(), fc.constantFrom(0, 9, 10, 2 ** 31 - 1, 2 ** 31)).map((value) => {
    return { kind: 'number', value } as const
  }),
  json.map((value) => ({ kind: 'json', value }) as const),
  fc.constant({ kind: 'null' } as const)
)

test('writes what COPY reads as the values, whatever was in its room before', () => {
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 9 }), { maxLength: 40 }), (rows) => {
      const copy = new CopyText()
      for (const row of rows) {
        for (const one of row) {
          if (one.kind === 'plain') copy.plain(one.value)
          else if (one.kind === 'number') copy.number(one.value)
          else if (one.kind === 'json') copy.json(one.value)
          else copy.null()
        }
        copy.endRow()
      }
      const lines = rows.map((row) => {
        const fields = row.map((one) => {
          if (one.kind === 'null') return '\\N'
          return one.kind === 'json' ? JSON.stringify(one.value) : String(one.value)
        })
        return `${fields.join('\t')}\n`
      })
      const taken = copy.take()
      expect(taken.toString()).toBe(lines.join(''))
      recycle(taken)
    })
  )
})

test.each([
  ['a row’s last value', 0],
  ['a tuple', 1],
  ['a tuple in a tuple', 2],
  ['lists in lists', 9]
])('what ends %s fits wherever its room ends', (_, depth) => {
  let value: PlainJson = { order: '0xab', isDone: true, list: [] }
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? { freeze: value } : [value]
  const text = JSON.stringify(value)
  for (let left = 1; left <= text.length + 4; left++) {
    const copy = new CopyText()
    const before = 'x'.repeat(256 * 1024 - 1 - left)
    copy.plain(before)
    copy.json(value)
    copy.endRow()
    const taken = copy.take()
    expect(taken.toString() === `${before}\t${text}\n`, `${left} bytes left`).toBe(true)
    recycle(taken)
  }
})

test('a value longer than its room, and one that fills it to the last byte', () => {
  const copy = new CopyText()
  const room = 256 * 1024
  const values = ['x'.repeat(room - 5), 'y'.repeat(3 * room)]
  const list = Array.from({ length: 40_000 }, (_, i) => String(i))
  for (const value of values) {
    copy.plain(value)
    copy.null()
    copy.number(2 ** 31 - 1)
    copy.json({ list, [value]: true })
    copy.endRow()
  }
  const taken = copy.take()
  const lines = values.map((value) => `${value}\t\\N\t2147483647\t${JSON.stringify({ list, [value]: true })}\n`)
  expect(taken.equals(Buffer.from(lines.join('')))).toBe(true)
  recycle(taken)
  expect(new CopyText().take()).toHaveLength(0)
})
