/** What the debtor has to be told of an assignment, from what is stored. */
import { currencyOfNumber } from '../../domain/money/currency.ts'
import { decodeNoteWord } from '../../domain/note/note-word.ts'
import { startOfNote } from '../../domain/note/span.ts'
import type { AssignmentNotice, NoticeParty } from '../../domain/documents/notification/notice.ts'
import { asService, type Transaction } from '../database.ts'
import { invoicesBehind } from '../documents/repository.ts'
import { ApiError } from '../errors.ts'
import { newestAnchoredHead } from '../evidence/head.ts'
import type { NoteView, ReceivableView } from '../receivables/repository.ts'
import type { Vault } from '../vault.ts'

/** Events after which another holds the note. */
const ASSIGNING = ['NoteAccepted', 'NoteFinanced', 'NoteForeclosed', 'NoteReturned']

interface Assignment {
  holder: number
  assignor: number
  /** Unix seconds. */
  time: number
  block: string
  logIndex: number
  txHash: string
}

/**
 * The notice of the newest assignment of a note.
 * @param verifyAt Where the caller reached this service.
 * @throws ApiError NOTE_NOT_ASSIGNED, EVIDENCE_PENDING until the log has it, DOCUMENT_NOT_FOUND when the receivable came past the api
 */
export async function noticeOf(
  tx: Transaction,
  vault: Vault,
  note: NoteView,
  receivable: ReceivableView,
  verifyAt: string
): Promise<AssignmentNotice> {
  const assignment = await newestAssignment(tx, note)
  if (!assignment) throw new ApiError('NOTE_NOT_ASSIGNED', { presented: note.noteId })
  const { receivableId } = receivable
  // The document is the creditor's: of it the notice tells the number and the day.
  const behind = await asService(tx, (service) => invoicesBehind(service, vault, [receivableId]))
  const invoice = behind.get(receivableId)
  if (!invoice?.issueDate) throw new ApiError('DOCUMENT_NOT_FOUND', { presented: receivable.receivableId })
  const parties = await partiesOf(tx, [receivable.debtor, assignment.assignor, assignment.holder])
  const [debtor, assignor, assignee] = parties.map(({ party }) => party) as [NoticeParty, NoticeParty, NoticeParty]
  const payTo = parties[2]!.account
  return {
    debtor,
    assignor,
    assignee,
    receivableId: receivable.receivableId,
    invoice: { number: invoice.number, issueDate: invoice.issueDate },
    faceAmount: BigInt(receivable.amount),
    noteId: note.noteId,
    span: { start: BigInt(note.start), end: BigInt(note.end) },
    amount: BigInt(note.amount),
    currency: currencyOfNumber(receivable.currency),
    maturity: dayOf(receivable.maturity),
    assignedOn: dayOf(assignment.time),
    issuedOn: dayOf(Date.now() / 1000),
    ...(payTo === null ? {} : { payTo }),
    block: BigInt(assignment.block),
    transaction: assignment.txHash,
    logHead: await headOver(tx, assignment),
    verifyAt: `${verifyAt}/v1/notes/${note.noteId}/evidence`
  }
}

/** The newest event that gave any part of the note its holder: the note may be a piece of what was assigned, or merged of several. */
async function newestAssignment(tx: Transaction, note: NoteView): Promise<Assignment | undefined> {
  const { rows } = await tx.query<Omit<Assignment, 'holder' | 'assignor'> & { args: { noteId: string; note: string } }>(
    {
      name: 'notice.assignments',
      text: `select e.args, b.time::float8 as time, e.block_number as block, e.log_index as "logIndex", e.tx_hash as "txHash"
             from projection.event e join projection.block b on b.number = e.block_number
            where e.receivable_id = $1 and e.name = any($2) order by e.block_number desc, e.log_index desc`,
      values: [note.receivableId, ASSIGNING]
    }
  )
  for (const { args, ...place } of rows) {
    const { end, holder, assignor, state } = decodeNoteWord(BigInt(args.note))
    const isOverlapping = startOfNote(BigInt(args.noteId)) < BigInt(note.end) && end > BigInt(note.start)
    // A pledge has no new holder.
    if (isOverlapping && state === 'live' && assignor !== 0) return { ...place, holder, assignor }
  }
  return undefined
}

/** An anchored head of the log that has the event. */
async function headOver(tx: Transaction, { txHash, logIndex }: Assignment): Promise<AssignmentNotice['logHead']> {
  const head = await newestAnchoredHead(tx)
  const { rows } = await asService(tx, (service) =>
    service.query<{ leaf: string }>({
      name: 'notice.leaf',
      text: `select leaf_index as leaf from app.evidence_leaf where kind = 'state' and tx_hash = $1 and log_index = $2`,
      values: [txHash, logIndex]
    })
  )
  if (!head || !rows[0] || Number(rows[0].leaf) >= Number(head.signed.size)) throw new ApiError('EVIDENCE_PENDING')
  return { size: BigInt(head.signed.size), root: head.signed.root }
}

async function partiesOf(
  tx: Transaction,
  ids: readonly number[]
): Promise<{ party: NoticeParty; account: string | null }[]> {
  const { rows } = await asService(tx, (service) =>
    service.query<{ id: number; name: string; identity: string; account: string | null }>({
      name: 'notice.parties',
      text: `select participant_id as id, name, legal_identity as identity, payment_account as account
             from app.participant where participant_id = any($1::bigint[])`,
      values: [ids]
    })
  )
  return ids.map((id) => {
    const row = rows.find((one) => one.id === id)
    if (!row) throw new ApiError('PARTICIPANT_UNKNOWN', { presented: id })
    const [scheme, ...value] = row.identity.split(':')
    return { party: { name: row.name, scheme: scheme!, identifier: value.join(':') }, account: row.account }
  })
}

function dayOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10)
}
