/**
 * `npm run bench:guomi`: SM2, SM3 and SM4 on chain and off, beside their peers and floors, in one run. Prints a table, writes
 * bench/results/guomi.json and ends with 1 when a budget is missed.
 */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { buildContracts } from '../../scripts/world/build.ts'
import { HARDFORK } from '../gas/chain.ts'
import { offChainRows } from './off-chain.ts'
import { onChainRows } from './on-chain.ts'

await buildContracts()
const rows = [...(await onChainRows()), ...(await offChainRows())]
const head = ['what', 'unit', 'ours', 'floor', '×floor', 'best peer', '×peer', 'budget', '']
const lines = rows.map((row) => [
  row.metric,
  row.unit,
  text(row.ours),
  text(row.floor),
  text(row.ratioToFloor),
  peerOf(row),
  text(row.ratioToBestPeer),
  row.unit === 'gas' ? text(row.budget) : row.budget === null ? '' : `${row.budget} × floor`,
  row.missed.length > 0 ? '✗' : ''
])
const widths = head.map((title, i) => Math.max(title.length, ...lines.map((line) => line[i]!.length)))
for (const line of [head, ...lines]) {
  console.log(line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '))
}
const file = fileURLToPath(new URL('../results/guomi.json', import.meta.url))
await writeFile(file, `${JSON.stringify({ hardfork: HARDFORK, rows }, null, 2)}\n`)
const missed = rows.filter((row) => row.missed.length > 0)
for (const row of missed)
  console.log(`✗ ${row.metric}: ${text(row.ours)} ${row.unit}, required ${row.missed.join(', ')}`)
if (missed.length === 0) console.log('✓ every budget is met')
process.exit(missed.length === 0 ? 0 : 1)

function text(value: number | null): string {
  if (value === null) return ''
  return Number.isInteger(value) || value > 100 ? String(Math.round(value)) : value.toFixed(3)
}

/** The fastest, or the one that takes least gas. */
function peerOf({ peers, unit }: (typeof rows)[number]): string {
  const entries = Object.entries(peers).sort((a, b) => (unit === 'gas' ? a[1] - b[1] : b[1] - a[1]))
  return entries[0] ? `${text(entries[0][1])} ${entries[0][0]}` : ''
}
