/** The notice's words in both languages. */
import { decimalFromMinor } from '../../money/amount.ts'
import type { AssignmentNotice, NoticeParty } from './notice.ts'

export interface NoticePage {
  readonly title: string
  readonly greeting: string
  readonly paragraphs: readonly string[]
  readonly rows: readonly (readonly [string, string])[]
  readonly closing: readonly string[]
}

function partyOf({ name, identifier, scheme }: NoticeParty): string {
  if (identifier === undefined) return name
  return `${name} (${scheme === undefined ? '' : `${scheme} `}${identifier})`
}

function money(minor: bigint, currency: string): string {
  return `${currency} ${decimalFromMinor(minor, currency)}`
}

type Labels = readonly [
  assignor: string,
  assignee: string,
  invoice: string,
  receivable: string,
  face: string,
  note: string,
  span: string,
  amount: string,
  maturity: string,
  assigned: string,
  payTo: string,
  place: string,
  log: string,
  verify: string
]

function rowsOf(notice: AssignmentNotice, labels: Labels, payTo: string): [string, string][] {
  const { invoice, currency, span, logHead } = notice
  const values = [
    partyOf(notice.assignor),
    partyOf(notice.assignee),
    `${invoice.number}, ${invoice.issueDate}`,
    notice.receivableId,
    money(notice.faceAmount, currency),
    notice.noteId,
    `[${span.start}, ${span.end})`,
    money(notice.amount, currency),
    notice.maturity,
    notice.assignedOn,
    notice.payTo ?? payTo,
    `${notice.block} / ${notice.transaction}`,
    `${logHead.size} / ${logHead.root}`,
    notice.verifyAt
  ]
  return labels.map((label, index) => [label, values[index]!])
}

export function chinesePage(notice: AssignmentNotice): NoticePage {
  const labels: Labels = [
    '转让人',
    '受让人（现持有人）',
    '发票号码及日期',
    '应收账款编号',
    '应收账款金额',
    '债权凭证编号',
    '凭证区间（最小货币单位）',
    '本次转让金额',
    '到期日',
    '转让日期',
    '收款账户',
    '区块 / 交易',
    '存证日志头（大小 / 根）',
    '核验地址'
  ]
  return {
    title: '应收账款债权转让通知书',
    greeting: `致债务人：${partyOf(notice.debtor)}`,
    paragraphs: [
      '贵方在下述应收账款项下的债务，其对应的债权凭证已由转让人转让给受让人。特此通知。',
      '请于到期日将本次转让金额支付给受让人。付款前请查询付款指示：凭证如被冻结或质押，收款人以付款指示为准。'
    ],
    rows: rowsOf(notice, labels, '以付款指示为准'),
    closing: [`通知日期：${notice.issuedOn}`, '本页由登记系统生成；与链上记录不一致的，以链上记录为准。']
  }
}

export function englishPage(notice: AssignmentNotice): NoticePage {
  const labels: Labels = [
    'Assignor',
    'Assignee (holder now)',
    'Invoice, date',
    'Receivable',
    'Face amount',
    'Note',
    'Span (minor units)',
    'Amount assigned',
    'Maturity',
    'Assigned on',
    'Account to pay to',
    'Block / transaction',
    'Log head (size / root)',
    'Verify at'
  ]
  return {
    title: 'Notice of assignment',
    greeting: `To the debtor: ${partyOf(notice.debtor)}`,
    paragraphs: [
      'The note below, a part of a receivable that you owe, was assigned by the assignor to the assignee. You are hereby notified.',
      'Please pay the amount assigned to the assignee at maturity. Ask for the pay-to statement before you pay: of a frozen or pledged note the payee is whom that statement names.'
    ],
    rows: rowsOf(notice, labels, 'as the pay-to statement says'),
    closing: [
      `Date of this notice: ${notice.issuedOn}`,
      'Made by the registry. Where this page and the chain differ, the chain counts.'
    ]
  }
}
