/**
 * `npm run bench:gas`: our operations beside the bare EVM bill, the peers and the hand-minimal floor, in one run on one
 * chain. Prints a table, writes bench/results/gas.json and ends with 1 when a budget is missed. `--bills` prints the bills.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { buildContracts } from '../../scripts/world/build.ts'
import { Chain, HARDFORK } from './chain.ts'
import { compilePeers } from './compile.ts'
import { measureFloor, measurePeers } from './peers.ts'
import {
  BILL_RATIO,
  measureBatches,
  measureOperations,
  PEER_RATIO,
  rowsOf,
  type Measurement,
  type Row
} from './rows.ts'
import { World } from './world.ts'

const peerPackages = [
  '@solvprotocol/erc-3525',
  '@tradetrust-tt/token-registry',
  '@openzeppelin/contracts',
  'solady',
  'solc',
  '@foundry-rs/anvil'
]

await buildContracts()
const artifacts = await compilePeers()
const chain = await Chain.start()
let ours: Map<string, Measurement>
let rows: Row[]
try {
  const world = await World.deploy(chain)
  ours = new Map([...(await measureOperations(world)), ...(await measureBatches(world))])
  rows = rowsOf(ours, await measurePeers(world, artifacts), await measureFloor(world, artifacts.get('Floor')!))
} finally {
  await chain.stop()
}
if (process.argv.includes('--bills')) printBills(ours)
printTable(rows)
await writeResults(rows, ours)
const missed = rows.filter((row) => row.missed.length > 0)
for (const row of missed) console.log(`✗ ${row.metric}: ${row.ours} gas is over ${row.missed.join(', ')}`)
if (missed.length === 0) console.log('✓ every budget is met')
process.exitCode = missed.length === 0 ? 0 : 1

function printTable(table: readonly Row[]): void {
  console.log(
    `gas on anvil, hard fork ${HARDFORK}; peers compiled like our contracts; a row of ×50 is one item of fifty`
  )
  const head = ['operation', 'ours', 'bill', '×bill', 'cap', 'floor', '×floor', '×best', 'ERC-3525', 'TradeTrust', '']
  const lines = table.map((row) => [
    row.metric,
    text(row.ours),
    text(row.bill),
    text(row.ratioToBill),
    text(row.cap),
    text(row.floor),
    text(row.ratioToFloor),
    row.ratioToBestPeer === null ? '' : `${row.ratioToBestPeer.toFixed(2)} ${bestOf(row)}`,
    text(row.peers['ERC-3525'] ?? null),
    text(row.peers['TradeTrust'] ?? null),
    row.missed.length > 0 ? '✗' : ''
  ])
  const widths = head.map((title, i) => Math.max(title.length, ...lines.map((line) => line[i]!.length)))
  for (const line of [head, ...lines]) {
    console.log(line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '))
  }
  console.log(`budgets: single operations ≤ ${BILL_RATIO} × bill, every cap, ≤ ${PEER_RATIO} × ERC-3525 and TradeTrust`)
}

function text(value: number | null): string {
  if (value === null) return ''
  return Number.isInteger(value) && value > 10 ? String(value) : value.toFixed(3)
}

function bestOf({ peers }: Row): string {
  return Object.entries(peers).reduce((best, peer) => (peer[1] < best[1] ? peer : best))[0]
}

function printBills(measured: ReadonlyMap<string, Measurement>): void {
  for (const [name, { gas, bill }] of measured) {
    console.log(`${name}: ${gas} gas, bill ${bill.gas}`)
    for (const { what, gas: price, why } of bill.items) console.log(`  ${String(price).padStart(8)}  ${what}: ${why}`)
  }
}

async function writeResults(table: readonly Row[], measured: ReadonlyMap<string, Measurement>): Promise<void> {
  const versions = await Promise.all(
    peerPackages.map(async (name) => {
      const manifest = fileURLToPath(new URL(`../../node_modules/${name}/package.json`, import.meta.url))
      return [name, (JSON.parse(await readFile(manifest, 'utf8')) as { version: string }).version]
    })
  )
  const bills = Object.fromEntries([...measured].map(([name, { bill }]) => [name, bill.items]))
  const results = { hardfork: HARDFORK, versions: Object.fromEntries(versions), rows: table, bills }
  const folder = fileURLToPath(new URL('../results', import.meta.url))
  await mkdir(folder, { recursive: true })
  await writeFile(`${folder}/gas.json`, `${JSON.stringify(results, null, 2)}\n`)
}
