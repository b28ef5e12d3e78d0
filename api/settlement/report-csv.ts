/** The books of a day as CSV (RFC 4180): one line for each line of them, and one for each balance. Amounts are minor units. */
import type { Static } from 'typebox'
import type { ReportSchema } from './schemas.ts'

const COLUMNS = [
  'side',
  'account',
  'currency',
  'kind',
  'amount',
  'entry',
  'digest',
  'finding',
  'remark',
  'reversal',
  'note',
  'receivable',
  'transaction',
  'block'
] as const
type Line = Partial<Record<(typeof COLUMNS)[number], string | number | null>>

export function csvOf({ accounts, chain }: Static<typeof ReportSchema>): string {
  const lines: Line[] = []
  for (const { account, currency, opening, closing, lines: booked } of accounts) {
    const of = { side: 'account', account, currency }
    lines.push({ ...of, kind: 'opening', amount: opening })
    for (const line of booked) {
      const { kind, amount, entryId, digest, finding, remark, reversal, noteId, receivableId, txHash, block } = line
      const about = { entry: entryId, digest, finding, remark, reversal }
      lines.push({ ...of, kind, amount, ...about, note: noteId, receivable: receivableId, transaction: txHash, block })
    }
    lines.push({ ...of, kind: 'closing', amount: closing })
  }
  for (const { currency, lines: settled } of chain) {
    for (const { kind, amount, noteId, receivableId, txHash, block, entryId, digest } of settled) {
      const about = { note: noteId, receivable: receivableId, transaction: txHash, block }
      lines.push({ side: 'chain', currency, kind, amount, entry: entryId, digest, ...about })
    }
  }
  return [COLUMNS, ...lines.map((line) => COLUMNS.map((column) => line[column] ?? ''))]
    .map((cells) => cells.map(cellOf).join(','))
    .join('\r\n')
    .concat('\r\n')
}

/** Quoted where it has to be. No text of strangers comes in here: accounts are letters and digits. */
function cellOf(value: string | number): string {
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
