import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keccak256 } from 'ethers'
import { encodeHeader } from '../../domain/evidence/proof/header.ts'
import { headOf, headersOf, withEvents } from '../../indexer/chain/blocks.ts'
import { isWholeLog } from '../../indexer/chain/logs.ts'
import { createRpc } from '../../indexer/rpc.ts'

// A node, or a proxy before it, that answers with anything but what was asked for: it is waited out, never stopped at.

let body = ''
const server = createServer((request, response) => {
  request.resume().on('end', () => response.end(body))
})
let url: string
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

const hash = `0x${'ab'.repeat(32)}`
const address = `0x${'01'.repeat(20)}`
const fields = {
  ...{
    parentHash: hash,
    sha3Uncles: hash,
    miner: address,
    stateRoot: hash,
    transactionsRoot: hash,
    receiptsRoot: hash
  },
  ...{ logsBloom: `0x${'ff'.repeat(256)}`, difficulty: '0x0', number: '0x1', gasLimit: '0x1', gasUsed: '0x0' },
  ...{ timestamp: '0x1', extraData: '0x', mixHash: hash, nonce: `0x${'00'.repeat(8)}` }
}
const whole = { ...fields, hash: keccak256(encodeHeader(fields)) }
const result = (value: unknown) => JSON.stringify({ jsonrpc: '2.0', id: 0, result: value })

test.each([
  ['null', 'null'],
  ['a list with null', '[null]'],
  ['a word', '"busy"'],
  ['cut off', '{"jsonrpc":"2.0","id":0,"res'],
  ['an answer to another call', JSON.stringify({ jsonrpc: '2.0', id: 7, result: whole })],
  ['a block without its bloom', result({ ...whole, logsBloom: undefined })],
  ['a block without its hash', result({ ...whole, hash: null })],
  ['a block without its parent', result({ ...whole, parentHash: '0x' })],
  ['no block', result(null)]
])('takes %s as no answer', async (_, answer) => {
  body = answer
  await expect(headOf(createRpc(url))).rejects.toMatchObject({ code: 'RPC_UNAVAILABLE', transient: true })
})

test.each([
  ['null', null],
  ['a list with null', [null]],
  ['a log without topics', [{ address, data: '0x', logIndex: '0x0', blockHash: hash }]]
])('takes %s for logs as logs that are missing', async (_, logs) => {
  body = result(whole)
  const rpc = createRpc(url)
  const [header] = await headersOf(rpc, [1])
  body = result(logs)
  const decoder = { mayConcern: () => true, decode: () => undefined }
  const receipts = withEvents(rpc, decoder, [header!], 'receipts')
  await expect(receipts).rejects.toMatchObject({ code: 'RECEIPTS_MISMATCH', transient: true })
  await expect(withEvents(rpc, decoder, [header!], 'bloom')).rejects.toMatchObject({
    code: 'LOGS_INCOMPLETE',
    transient: true
  })
})

test('takes a log for missing whose text could break out of a COPY', () => {
  const log = { address, topics: [hash], data: '0x', blockHash: hash, transactionHash: hash }
  const whole = { ...log, logIndex: '0x0', transactionIndex: '0x0' }
  expect(isWholeLog(whole)).toBe(true)
  const cut = `0x${'a'.repeat(60)}\n\\.\n`
  for (const change of [{ transactionHash: cut }, { topics: [cut] }, { data: '0x\n' }, { address: cut.slice(-42) }]) {
    expect(isWholeLog({ ...whole, ...change })).toBe(false)
  }
})
