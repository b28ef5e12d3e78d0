import type { ClaimRow, LogHeadRow, NoteRow, ParticipantRow, PartyRow, ReceivableRow, RegistryRow } from './rows.ts'

/** How a column's value is written and read. `amount`: a bigint, where `number` would not be exact. */
export type Kind = 'text' | 'number' | 'amount' | 'boolean' | 'texts' | 'span'

export interface TableOf<R> {
  name: string
  /** The columns of the primary key: what finds a row in memory too. */
  key: readonly (keyof R & string)[]
  columns: { readonly [C in keyof Required<R>]: Kind }
}

const changed = { changed_block: 'number', changed_tx: 'text' } as const

export const participantTable: TableOf<ParticipantRow> = {
  name: 'participant',
  key: ['participant_id'],
  columns: {
    participant_id: 'number',
    account: 'text',
    roles: 'number',
    status: 'text',
    legal_identity_hash: 'text',
    certificate_hash: 'text',
    admitted_block: 'number',
    ...changed
  }
}

export const registryTable: TableOf<RegistryRow> = {
  name: 'registry',
  key: ['registry'],
  columns: { registry: 'number', address: 'text', ...changed }
}

export const claimTable: TableOf<ClaimRow> = {
  name: 'fingerprint_claim',
  key: ['fingerprint'],
  columns: {
    fingerprint: 'text',
    registry: 'number',
    subject: 'text',
    claimant: 'number',
    reason: 'text',
    state: 'text',
    claimed_at: 'number',
    released_at: 'number',
    release_reason: 'text',
    ...changed
  }
}

export const receivableTable: TableOf<ReceivableRow> = {
  name: 'receivable',
  key: ['receivable_id'],
  columns: {
    receivable_id: 'text',
    registry: 'number',
    creditor: 'number',
    debtor: 'number',
    amount: 'amount',
    settled: 'amount',
    cancelled: 'amount',
    currency: 'number',
    maturity: 'number',
    content_commitment: 'text',
    fingerprints: 'texts',
    state: 'text',
    reason: 'text',
    disputed: 'boolean',
    dispute_reason: 'text',
    payment: 'text',
    registered_at: 'number',
    registered_block: 'number',
    registered_tx: 'text',
    confirmed_at: 'number',
    changed_at: 'number',
    ...changed
  }
}

export const noteTable: TableOf<NoteRow> = {
  name: 'note',
  key: ['note_id'],
  columns: {
    note_id: 'text',
    receivable_id: 'text',
    registry: 'number',
    span: 'span',
    holder: 'number',
    counterparty: 'number',
    assignor: 'number',
    deadline: 'number',
    frozen_until: 'number',
    tier: 'number',
    state: 'text',
    purpose: 'text',
    has_recourse: 'boolean',
    trade_document: 'text',
    credit_note: 'text',
    quote: 'text',
    disbursement: 'text',
    repayment: 'text',
    demand: 'text',
    freeze_order: 'text',
    freeze_escrow: 'number',
    freeze_authority: 'number',
    payment: 'text',
    payee: 'number',
    opened_block: 'number',
    changed_at: 'number',
    ...changed
  }
}

export const partyTable: TableOf<PartyRow> = {
  name: 'receivable_party',
  key: ['receivable_id', 'participant_id', 'span_start', 'span_end'],
  columns: {
    receivable_id: 'text',
    participant_id: 'number',
    since_block: 'number',
    span_start: 'amount',
    span_end: 'amount'
  }
}

export const logHeadTable: TableOf<LogHeadRow> = {
  name: 'log_head',
  key: ['size'],
  columns: { size: 'amount', root: 'text', anchored_at: 'number', ...changed }
}
