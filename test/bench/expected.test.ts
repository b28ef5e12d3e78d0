import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { differenceOf, expectedOf } from '../../bench/indexer/expected.ts'
import { writeChain } from '../../bench/indexer/written.ts'
import { contracts } from '../../domain/chain/contracts.ts'
import { decodeNoteHex } from '../../domain/note/note-word.ts'
import { startOfNote } from '../../domain/note/span.ts'
import { askChain } from '../../scripts/instance/chain.ts'

const dir = mkdtempSync(join(tmpdir(), 'tallystick-expected-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const [STORIES, BLOCKS] = [300, 250]

test('what the indexers of the bench must end with is what the newest word of each note says', async () => {
  const { url, deployment, stop } = await writeChain(STORIES, BLOCKS, dir)
  try {
    const newest = new Map<string, string>()
    let closed = ''
    const blocks = Number(await askChain(url, 'eth_blockNumber'))
    for (let block = 0; block <= blocks; block++) {
      const range = { fromBlock: `0x${block.toString(16)}`, toBlock: `0x${block.toString(16)}` }
      for (const { topics, data } of (await askChain(url, 'eth_getLogs', [range])) as Log[]) {
        const name = contracts.receivables.getEvent(topics[0]!)?.name
        if (name === 'ReceivableClosed') closed = topics[1]!
        if (name?.startsWith('Note')) newest.set(topics[1]!, data.slice(0, 66))
      }
    }
    const notes = [...newest].map(([id, word]) => {
      const { end, holder, state } = decodeNoteHex(word)
      return `${id} ${startOfNote(BigInt(id))} ${end} ${holder} ${state}`
    })
    const expected = await expectedOf(url, deployment)
    expect(expected.notes).toHaveLength(2 * STORIES)
    expect(expected.notes).toEqual(notes.sort())
    expect(BigInt(expected.last)).toBe(BigInt(closed))
  } finally {
    await stop()
  }
})

test('the first row that differs is named, whether it is another, missing or too many', () => {
  const rows = ['a 1', 'b 2', 'c 3']
  expect(differenceOf(rows, [...rows])).toBeUndefined()
  expect(differenceOf(rows, ['a 1', 'b 3', 'c 3'])).toBe('row 1 is "b 3", not "b 2"; 3 rows of 3')
  expect(differenceOf(rows, ['a 1', 'b 2'])).toBe('row 2 is "undefined", not "c 3"; 2 rows of 3')
  expect(differenceOf(rows, [...rows, 'd 4'])).toBe('row 3 is "d 4", not "undefined"; 4 rows of 3')
})

interface Log {
  topics: string[]
  data: string
}
