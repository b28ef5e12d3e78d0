import { participantIdOf } from '../../scripts/world/prepare.ts'
import type { Instance, Registered } from './instance.ts'

/** A row in each table whose rows other tests make by long ways: what they say does not matter, whose they are does. */
export async function writeRows({ sql }: Instance, { receivableId, rootNote, documentId }: Registered): Promise<void> {
  const [regulator, debtor, agent, supplier] = ['regulator', 'meridian', 'jiangan', 'alder'].map(participantIdOf)
  const id = '01900000-0000-7000-8000-000000000001'
  const hash = `0x${'1e'.repeat(32)}`
  const statements: [string, unknown[]][] = [
    [
      `insert into app.document_grant (grant_id, document_id, granted_to, sections, granted_at) values ($1, $2, $3, '{numbers}', 1)`,
      [id, documentId, agent]
    ],
    [
      `insert into app.order_document (order_id, participant_id, sealed, media_type, sha256, sm3)
       values ($1, $2, '', 'application/pdf', $3, $3)`,
      [id, regulator, hash]
    ],
    [
      `insert into app.order_document_key (order_id, participant_id, key_id, wrapped) values ($1, $2, 'k', '')`,
      [id, regulator]
    ],
    [
      `insert into app.order_reference (commitment, receivable_id, participant_id, reference, court, document)
       values ($1, $2, $3, 'R', 'C', $1)`,
      [hash, receivableId, regulator]
    ],
    [
      `insert into app.payment_run (run_id, participant_id, up_to, block_number, block_hash, block_time, fields)
       values ($1, $2, '2027-01-01', 1, $3, 1, '')`,
      [id, debtor, hash]
    ],
    [
      `insert into app.payment (run_id, end_to_end_id, note_id, note_end, receivable_id, payee, amount, currency, payment_day,
                                is_day_published, fields)
       values ($1, 'E2E', $2, 1, $3, $4, 1, 'EUR', '2027-01-01', true, '')`,
      [id, rootNote, receivableId, supplier]
    ],
    [`insert into app.bank_account (participant_id, digest, currency, fields) values ($1, '', 'EUR', '')`, [agent]],
    [
      `insert into app.statement_file (statement_id, participant_id, format, media_type, byte_length, sha256, sm3, entries_digest,
                                       leaf_index, sealed)
       values ($1, $2, 'CAMT', 'application/xml', 1, $3, $3, $3, 0, '')`,
      [id, agent, hash]
    ],
    [
      `insert into app.statement_part (statement_id, part, account_id, movement, outcome, entries, fresh)
       select $1, 1, account_id, 0, 'no-balances', 1, 1 from app.bank_account`,
      [id]
    ],
    [
      `insert into app.statement_entry (participant_id, account_id, statement_id, key, ordinal, digest, amount, effect, is_reversal,
                                        status, references_ours, is_trusted, finding, fields)
       select $2, account_id, $1, 'K', 1, $3, 1, 'credit', false, 'booked', '{}', true, 'not-ours', '' from app.bank_account`,
      [id, agent, hash]
    ],
    [
      `insert into app.match (entry_id, participant_id, state, rule, score, reasons)
       select entry_id, participant_id, 'proposed', 'amount', 50, '{}' from app.statement_entry`,
      []
    ],
    [
      `insert into app.match_part (match_id, part, entry_id, note_id, receivable_id, payee, amount)
       select match_id, 1, entry_id, $1, $2, $3, 1 from app.match`,
      [rootNote, receivableId, supplier]
    ],
    [
      `insert into app.settlement_exception (participant_id, entry_id, kind, note_ids)
       select participant_id, entry_id, 'wrong-currency', '{}' from app.statement_entry`,
      []
    ],
    [
      `insert into app.webhook_endpoint (endpoint_id, participant_id, url, secret, state, reason, place)
       values ($1, $2, 'https://example.test', '', 'disabled', 'never delivered to', '0')`,
      [id, supplier]
    ],
    [`insert into app.webhook_replay (endpoint_id, event_id) values ($1, '1')`, [id]],
    [
      `insert into app.webhook_delivery (endpoint_id, event_id, event_name, is_replay, status, duration_ms)
       values ($1, '1', 'E', false, 200, 1)`,
      [id]
    ],
    [
      `insert into app.managed_key (managed_key_id, participant_id, user_id, duty, kind, signer, state, intent_id, created_by)
       select $1, $2, u.user_id, 'maker', 'sm2', '0x', 'ended', i.intent_id, 'signer'
         from app.participant_user u join app.intent i using (participant_id) where participant_id = $2 limit 1`,
      [id, supplier]
    ],
    [
      `insert into app.managed_key_use (managed_key_id, intent_id, participant_id, user_id, digest, request_id)
       select managed_key_id, intent_id, participant_id, user_id, $1, 'R' from app.managed_key`,
      [hash]
    ]
  ]
  for (const [text, values] of statements) await sql.query(text, values)
}
