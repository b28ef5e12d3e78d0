/** What the routes of settlement answer, as far as the tests read it. */
import type { Intent } from '../../scripts/demo/client.ts'

export interface Payment {
  endToEndId: string
  noteId: string
  payee: number
  amount: string
  state: string
}
export interface Run {
  runId: string
  state: string
  payments: Payment[]
  unpayable: { reason: string }[]
  order: string | null
}
export interface Match {
  matchId: number
  state: string
  rule: string
  score: number
  isByRule: boolean
  entry: { entryId: number; digest: string; allocated: string; amount: string; finding: string }
  parts: { noteId: string; amount: string; intentId: string | null; settledNoteId: string | null; progress: string }[]
}
export interface Settlement {
  intent: Intent
  parts: {
    matchId: number
    noteId: string
    settledNoteId: string
    entryDigest: string
    amount: string
    payment: string
  }[]
  held: { matchId: number; code: string }[]
}
export interface Line {
  kind: string
  amount: string
  entryId: number | null
  noteId: string | null
  txHash: string | null
  remark: string | null
}
export interface Report {
  accounts: {
    account: string
    currency: string
    opening: string | null
    closing: string | null
    isBalanced: boolean | null
    lines: Line[]
    notBooked: object[]
  }[]
  chain: {
    currency: string
    settled: string
    withEntry: string
    withoutEntry: string
    isBalanced: boolean
    lines: Line[]
  }[]
}
