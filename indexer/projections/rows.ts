/** Rows as the tables of migrations/0001_projection.sql have them, by their columns' names. */
import type { NoteState } from '../../domain/note/note-states.ts'
import type { NotePurpose } from '../../domain/note/note-word.ts'
import type { Span } from '../../domain/note/span.ts'

/** By which block a row is as it is. */
interface Changed {
  changed_block: number
  changed_tx: string
}

export interface ParticipantRow extends Changed {
  participant_id: number
  account: string
  roles: number
  status: string
  legal_identity_hash: string
  certificate_hash: string
  admitted_block: number
}

export interface RegistryRow extends Changed {
  registry: number
  address: string
}

export interface ClaimRow extends Changed {
  fingerprint: string
  registry: number
  subject: string
  claimant: number
  reason: string
  state: 'claimed' | 'released'
  claimed_at: number
  released_at: number | null
  release_reason: string | null
}

export interface ReceivableRow extends Changed {
  receivable_id: string
  /** Number of the registry version that it lives on. */
  registry: number
  creditor: number
  debtor: number
  amount: bigint
  settled: bigint
  cancelled: bigint
  currency: number
  maturity: number
  content_commitment: string
  fingerprints: string[]
  state: 'registered' | 'confirmed' | 'rejected' | 'withdrawn' | 'settled'
  reason: string | null
  disputed: boolean
  dispute_reason: string | null
  payment: string | null
  registered_at: number
  registered_block: number
  registered_tx: string
  confirmed_at: number | null
  changed_at: number
}

/** The documents that a note carries: a piece has those of the note that it was cut off. */
export interface NoteDocuments {
  trade_document: string | null
  credit_note: string | null
  quote: string | null
  disbursement: string | null
  repayment: string | null
  demand: string | null
  freeze_order: string | null
  freeze_escrow: number | null
  freeze_authority: number | null
  payment: string | null
  payee: number | null
}

export interface NoteRow extends Changed, NoteDocuments {
  note_id: string
  receivable_id: string
  /** That of its receivable. */
  registry: number
  span: Span
  holder: number
  counterparty: number | null
  assignor: number | null
  deadline: number | null
  frozen_until: number | null
  tier: number
  state: NoteState
  purpose: NotePurpose
  has_recourse: boolean
  opened_block: number
  changed_at: number
}

export interface PartyRow {
  receivable_id: string
  participant_id: number
  since_block: number
  span_start: bigint
  span_end: bigint
}

export interface LogHeadRow extends Changed {
  size: bigint
  root: string
  anchored_at: number
}
