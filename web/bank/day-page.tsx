import { addDays, dayOfSeconds, isDay } from '../../domain/calendar/day.ts'
import { lineKinds } from '../../domain/settlement/report.ts'
import { Link } from '../app/link.tsx'
import { navigate } from '../app/router.ts'
import { ParticipantName } from '../directory/participant-name.tsx'
import { number } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { useLive } from '../live/live.ts'
import { api } from '../login/session.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Download } from '../ui/download.tsx'
import { Empty } from '../ui/empty.tsx'
import { Field } from '../ui/field.tsx'
import { Hash } from '../ui/hash.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { dayText, entryMoney } from './entry-text.tsx'
import type { Books } from './load.ts'
import { findingWords, lineWords } from './words.ts'

const text = defineText({
  title: { en: 'Books of the day', zh: '当日对账' },
  lead: {
    en: 'Every cent of your statements and what became of it; every note that the chain settled and what paid it.',
    zh: '对账单的每一分钱及其去向；链上清分的每张凭证及其付款来源。'
  },
  day: { en: 'Day', zh: '日期' },
  before: { en: 'Day before', zh: '前一日' },
  after: { en: 'Day after', zh: '后一日' },
  csv: { en: 'Download as CSV', zh: '下载 CSV' },
  account: {
    en: (account: string, currency: string) => `${account}, ${currency}: from opening to closing`,
    zh: (account: string, currency: string) => `${account}（${currency}）：期初至期末`
  },
  lines: { en: (account: string) => `Each cent of ${account}`, zh: (account: string) => `${account} 的每一分钱` },
  chain: {
    en: (currency: string) => `Settled on chain, ${currency}`,
    zh: (currency: string) => `链上清分（${currency}）`
  },
  what: { en: 'What', zh: '项目' },
  amount: { en: 'Amount', zh: '金额' },
  opening: { en: 'Opening balance', zh: '期初余额' },
  closing: { en: 'Closing balance', zh: '期末余额' },
  unknown: { en: 'not in any statement', zh: '对账单未载' },
  balanced: { en: '✓ Every cent is explained', zh: '✓ 每一分钱均已解释' },
  unbalanced: {
    en: '✗ Entries and balances differ: ask the bank for the missing entries',
    zh: '✗ 入账与余额不符：请向银行索取缺失的入账'
  },
  noBalances: {
    en: '– No balances for this day: bring a statement (camt.053 or MT940) to hold the entries against',
    zh: '– 当日无余额：请上传含余额的对账单（camt.053 或 MT940）以核对'
  },
  chainBalanced: { en: '✓ Notes and entries agree', zh: '✓ 凭证与入账一致' },
  chainUnbalanced: { en: '✗ Notes and entries differ', zh: '✗ 凭证与入账不一致' },
  entry: { en: 'Entry', zh: '入账' },
  entryOf: { en: (id: number) => `entry ${id}`, zh: (id: number) => `入账 ${id}` },
  finding: { en: 'Finding', zh: '判定' },
  note: { en: 'Note', zh: '凭证' },
  open: { en: 'note', zh: '凭证' },
  payee: { en: 'Payee', zh: '收款人' },
  proof: { en: 'Transaction and block', zh: '交易与区块' },
  block: { en: (block: number) => `block ${number(block)}`, zh: (block: number) => `区块 ${number(block)}` },
  total: { en: 'Settled in all', zh: '清分合计' },
  notBooked: { en: 'Announced only, in no balance', zh: '仅预告，未计入余额' },
  none: { en: 'Nothing on this day', zh: '当日没有记录' },
  noneHint: {
    en: 'Bring the statement of the day, or choose another day.',
    zh: '请上传当日对账单，或选择其他日期。'
  }
})

/** The books of a day; today's where the address names none. */
export function DayPage({ params }: { params: Record<string, string> }) {
  const t = useText(text)
  const wanted = params['day'] ?? ''
  const shownDay = isDay(wanted) ? wanted : dayOfSeconds(Date.now() / 1000)
  const live = useLive(`books ${shownDay}`, (signal) => api.call('getReconciliation', { day: shownDay }, { signal }))
  const to = (day: string): string => `/app/bank/days/${day}`
  return (
    <Page
      title={t.title}
      lead={t.lead}
      actions={
        <Download
          label={t.csv}
          fileName={`reconciliation-${shownDay}.csv`}
          type="text/csv"
          load={() => api.download('getReconciliation', { day: shownDay, format: 'csv' })}
        />
      }
    >
      <div class="commands">
        <Link to={to(addDays(shownDay, -1))} class="button">
          {t.before}
        </Link>
        <Field label={t.day}>
          {(attributes) => (
            <input
              {...attributes}
              type="date"
              value={shownDay}
              onChange={(event) => isDay(event.currentTarget.value) && navigate(to(event.currentTarget.value))}
            />
          )}
        </Field>
        <Link to={to(addDays(shownDay, 1))} class="button">
          {t.after}
        </Link>
      </div>
      <Loaded live={live}>
        {({ accounts, chain }) => (
          <>
            {accounts.length + chain.length === 0 && (
              <Empty title={`${t.none}: ${dayText(shownDay)}`}>
                <p>{t.noneHint}</p>
              </Empty>
            )}
            {accounts.map((book) => (
              <AccountBook key={`${book.account} ${book.currency}`} book={book} />
            ))}
            {chain.map((book) => (
              <ChainBook key={book.currency} book={book} />
            ))}
          </>
        )}
      </Loaded>
    </Page>
  )
}

function AccountBook({ book }: { book: Books['accounts'][number] }) {
  const t = useText(text)
  const words = useText(lineWords)
  const findings = useText(findingWords)
  const { account, currency, opening, closing, totals, lines, notBooked, isBalanced } = book
  const shown = (minor: string | null) => (minor === null ? t.unknown : entryMoney(minor, currency))
  const sums = [
    { what: t.opening, amount: shown(opening) },
    ...lineKinds
      .filter((kind) => totals[kind] !== '0')
      .map((kind) => ({ what: words[kind], amount: shown(totals[kind]) })),
    { what: t.closing, amount: shown(closing) }
  ]
  return (
    <section>
      <DataTable
        caption={t.account(account, currency)}
        rows={sums}
        keyOf={({ what }) => what}
        columns={[
          { title: t.what, cell: ({ what }) => what },
          { title: t.amount, isNumber: true, cell: ({ amount }) => amount }
        ]}
      />
      <p role="status" class={isBalanced === false ? 'alert' : 'chosen'}>
        {isBalanced === null ? t.noBalances : isBalanced ? t.balanced : t.unbalanced}
      </p>
      <DataTable
        caption={t.lines(account)}
        rows={lines.map((line, index) => ({ ...line, index }))}
        keyOf={({ index }) => String(index)}
        columns={[
          { title: t.what, cell: ({ kind }) => words[kind] },
          { title: t.amount, isNumber: true, cell: ({ amount }) => entryMoney(amount, currency) },
          { title: t.entry, cell: ({ entryId }) => (entryId === null ? '–' : t.entryOf(entryId)) },
          {
            title: t.finding,
            cell: ({ finding, remark }) => [finding && findings[finding], remark].filter(Boolean).join(' · ')
          },
          { title: t.note, cell: ({ noteId }) => <NoteLink noteId={noteId} /> },
          { title: t.proof, cell: (line) => <Proof txHash={line.txHash} block={line.block} /> }
        ]}
      />
      {notBooked.length > 0 && (
        <DataTable
          caption={t.notBooked}
          rows={notBooked}
          keyOf={({ entryId }) => String(entryId)}
          columns={[
            { title: t.entry, cell: ({ entryId }) => t.entryOf(entryId) },
            { title: t.amount, isNumber: true, cell: ({ amount }) => entryMoney(amount, currency) }
          ]}
        />
      )}
    </section>
  )
}

function ChainBook({ book }: { book: Books['chain'][number] }) {
  const t = useText(text)
  const words = useText(lineWords)
  const { currency, settled, withEntry, withoutEntry, difference, isBalanced, lines } = book
  const sums = [
    { what: t.total, amount: settled },
    { what: words['with-entry'], amount: withEntry },
    { what: words['without-entry'], amount: withoutEntry },
    { what: words.difference, amount: difference }
  ]
  return (
    <section>
      <DataTable
        caption={t.chain(currency)}
        rows={sums}
        keyOf={({ what }) => what}
        columns={[
          { title: t.what, cell: ({ what }) => what },
          { title: t.amount, isNumber: true, cell: ({ amount }) => entryMoney(amount, currency) }
        ]}
      />
      <p role="status" class={isBalanced ? 'chosen' : 'alert'}>
        {isBalanced ? t.chainBalanced : t.chainUnbalanced}
      </p>
      <DataTable
        caption={t.lines(t.chain(currency))}
        rows={lines.map((line, index) => ({ ...line, index }))}
        keyOf={({ index }) => String(index)}
        columns={[
          { title: t.what, cell: ({ kind }) => words[kind] },
          { title: t.amount, isNumber: true, cell: ({ amount }) => entryMoney(amount, currency) },
          { title: t.payee, cell: ({ payee }) => <ParticipantName id={payee} /> },
          { title: t.note, cell: ({ noteId }) => <NoteLink noteId={noteId} /> },
          { title: t.entry, cell: ({ entryId }) => (entryId === null ? '–' : t.entryOf(entryId)) },
          { title: t.proof, cell: (line) => <Proof txHash={line.txHash} block={line.block} /> }
        ]}
      />
    </section>
  )
}

function NoteLink({ noteId }: { noteId: string | null }) {
  const t = useText(text)
  if (noteId === null) return <>–</>
  return <Link to={`/app/notes/${noteId}`}>{`${t.open} ${noteId.slice(0, 8)}…${noteId.slice(-4)}`}</Link>
}

/** Where on chain it happened. */
function Proof({ txHash, block }: { txHash: string | null; block: number | null }) {
  const t = useText(text)
  if (txHash === null || block === null) return <>–</>
  return (
    <>
      <Hash value={txHash} /> {t.block(block)}
    </>
  )
}
