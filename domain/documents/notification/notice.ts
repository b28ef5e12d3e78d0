/** What a debtor is told when a note of a receivable it owes has a new holder (《民法典》546: no effect on it before). */

export interface NoticeParty {
  readonly name: string
  /** As registered: VAT id, 统一社会信用代码, LEI. */
  readonly identifier?: string
  /** Of the identifier: VAT, USCC, LEI. */
  readonly scheme?: string
}

export interface AssignmentNotice {
  readonly debtor: NoticeParty
  readonly assignor: NoticeParty
  /** The new holder, whom the debtor is to pay. */
  readonly assignee: NoticeParty
  readonly receivableId: string
  readonly invoice: {
    readonly number: string
    /** YYYY-MM-DD. */
    readonly issueDate: string
    /** Of the tax in it, in minor units; the registry does not keep it. */
    readonly tax?: bigint
  }
  /** Of the whole receivable, in minor units. */
  readonly faceAmount: bigint
  readonly noteId: string
  /** Of the note: the minor units `[start, end)` of the receivable. */
  readonly span: { readonly start: bigint; readonly end: bigint }
  /** Assigned, in minor units: end less start. */
  readonly amount: bigint
  /** ISO 4217 letters. */
  readonly currency: string
  /** YYYY-MM-DD, when the debtor is to pay. */
  readonly maturity: string
  /** YYYY-MM-DD, of the assignment. */
  readonly assignedOn: string
  /** YYYY-MM-DD, of this notice. */
  readonly issuedOn: string
  /** IBAN or another reference of the account to pay to. Absent: as the pay-to statement says. */
  readonly payTo?: string
  /** Number of the block that holds the assignment. */
  readonly block: bigint
  /** `0x` and 64 hex digits. */
  readonly transaction: string
  /** The head of the evidence log that covers the assignment. */
  readonly logHead: { readonly size: bigint; readonly root: string }
  /** Where everything here can be checked. */
  readonly verifyAt: string
}

/** A field is not in its form, or longer than its element in tsin.008 allows. */
export class NoticeRefused extends Error {
  readonly code = 'NOTICE_REFUSED'
  readonly field: string
  readonly required: string

  constructor(field: string, required: string) {
    super(`Assignment notice: ${field} is refused; required ${required}`)
    this.name = 'NoticeRefused'
    this.field = field
    this.required = required
  }
}

const DAY = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/
const HASH = /^0x[0-9a-f]{64}$/

/** Throws `NoticeRefused`. A notice cut to fit would name another invoice or firm, so that nothing is cut. */
export function checkNotice(notice: AssignmentNotice): void {
  const { debtor, assignor, assignee, invoice, span, amount, faceAmount, logHead } = notice
  const demand = (holds: boolean, field: string, required: string): void => {
    if (!holds) throw new NoticeRefused(field, required)
  }
  for (const [field, { name, identifier, scheme }] of Object.entries({ debtor, assignor, assignee })) {
    demand(name.trim() !== '' && name.length <= 140, `${field}.name`, '1 to 140 characters')
    demand((identifier ?? 'x').length <= 35, `${field}.identifier`, 'at most 35 characters')
    demand((scheme ?? 'x').length <= 35, `${field}.scheme`, 'at most 35 characters')
  }
  demand(invoice.number.trim() !== '' && invoice.number.length <= 35, 'invoice.number', '1 to 35 characters')
  for (const [field, day] of [
    ['invoice.issueDate', invoice.issueDate],
    ['maturity', notice.maturity],
    ['assignedOn', notice.assignedOn],
    ['issuedOn', notice.issuedOn]
  ] as const) {
    demand(DAY.test(day) && !Number.isNaN(Date.parse(day)), field, 'YYYY-MM-DD')
  }
  demand(span.start >= 0n && span.end > span.start && span.end <= faceAmount, 'span', 'a part of the face amount')
  demand(amount === span.end - span.start, 'amount', 'the end of the span less its start')
  demand((invoice.tax ?? 0n) >= 0n && (invoice.tax ?? 0n) <= faceAmount, 'invoice.tax', 'at most the face amount')
  demand(HASH.test(notice.transaction), 'transaction', '0x and 64 hex digits in lower case')
  demand(HASH.test(logHead.root), 'logHead.root', '0x and 64 hex digits in lower case')
  demand(notice.block >= 0n && logHead.size >= 0n, 'block', 'no negative number')
  demand((notice.payTo ?? 'x').trim() !== '' && (notice.payTo ?? 'x').length <= 34, 'payTo', '1 to 34 characters')
  demand(/^https?:\/\/\S+$/.test(notice.verifyAt) && notice.verifyAt.length <= 2048, 'verifyAt', 'a web address')
}
