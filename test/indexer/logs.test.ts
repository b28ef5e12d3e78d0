import { expect, test } from 'vitest'
import { bloomOf } from '../../indexer/chain/bloom.ts'
import { checkedLogs } from '../../indexer/chain/logs.ts'
import type { RawLog } from '../../indexer/decode.ts'

const hash = `0x${'bb'.repeat(32)}`

/** Logs of one address and topic, which a bloom can't tell apart. */
const alike = (logIndexes: readonly string[]): RawLog[] =>
  logIndexes.map((logIndex) => ({
    address: `0x${'12'.repeat(20)}`,
    topics: [`0x${'34'.repeat(32)}`],
    data: '0x',
    blockHash: hash,
    transactionHash: `0x${'56'.repeat(32)}`,
    transactionIndex: '0x0',
    logIndex
  }))

const bloom = bloomOf(alike(['0x0']))!
const header = { number: 1, hash, parentHash: hash, time: 1, bloom, receiptsRoot: hash }

test.each(['0x10000000', '0xffffffff', `0x${'f'.repeat(64)}`, `0x${'0'.repeat(62)}02`])(
  'a last log that is numbered %s leaves a gap, and is not left out',
  (logIndex) => {
    expect(() => checkedLogs(header, alike(['0x0', logIndex]))).toThrow(
      expect.objectContaining({ code: 'LOGS_INCOMPLETE', transient: true })
    )
  }
)

test('a log is its number’s, however many zeros are before it', () => {
  const logs = alike([`0x${'0'.repeat(62)}01`, '0x00'])
  expect(checkedLogs(header, logs).map(({ logIndex }) => logIndex)).toEqual(['0x00', logs[0]!.logIndex])
})

test.each(['0x7fffffff', '0x80000000'])('a transaction index of %s is kept only where it fits its column', (index) => {
  const logs = alike(['0x0']).map((log) => ({ ...log, transactionIndex: index }))
  const read = () => checkedLogs(header, logs).length
  if (index === '0x7fffffff') expect(read()).toBe(1)
  else expect(read).toThrow(expect.objectContaining({ code: 'LOGS_INCOMPLETE' }))
})
