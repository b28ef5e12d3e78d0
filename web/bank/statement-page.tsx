import { Link } from '../app/link.tsx'
import { moment, number } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { useLive } from '../live/live.ts'
import { api } from '../login/session.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Facts } from '../ui/facts.tsx'
import { Hash } from '../ui/hash.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { dayText, entryMoney, EntryText } from './entry-text.tsx'
import { loadStatement, type Match, type Statement } from './load.ts'
import { MatchParts, MatchReasons } from './match-parts.tsx'
import { checkWords, findingWords, matchStateWords } from './words.ts'

const text = defineText({
  title: { en: 'Bank statement', zh: '银行对账单' },
  lead: {
    en: 'What was read, and what each entry pays.',
    zh: '读取的内容，以及每笔入账支付的凭证。'
  },
  queue: { en: 'Judge what waits', zh: '判断待处理项' },
  settle: { en: 'Settle what is matched', zh: '清分已匹配项' },
  books: { en: 'Books of that day', zh: '当日对账' },
  format: { en: 'Format', zh: '格式' },
  brought: { en: 'Brought', zh: '上传时间' },
  leaf: { en: 'Leaf in the evidence log', zh: '存证日志叶号' },
  account: { en: 'Account', zh: '账户' },
  opening: { en: 'Opening', zh: '期初余额' },
  movement: { en: 'Entries together', zh: '入账合计' },
  closing: { en: 'Closing', zh: '期末余额' },
  difference: { en: 'Difference', zh: '差额' },
  check: { en: 'Sums', zh: '借贷' },
  parts: { en: 'Accounts in the file', zh: '文件中的账户' },
  entries: { en: 'Entries that it brought', zh: '由此文件带来的入账' },
  entry: { en: 'Entry', zh: '入账' },
  amount: { en: 'Amount', zh: '金额' },
  day: { en: 'Day', zh: '日期' },
  finding: { en: 'What it is', zh: '判定' },
  pays: { en: 'Pays', zh: '支付' },
  why: { en: 'Why', zh: '理由' },
  none: {
    en: 'Nothing new: every entry of this file came with a statement before.',
    zh: '没有新增：此文件的全部入账均已在此前的对账单中。'
  }
})

/** One statement: its sums, its entries, what they pay and why. */
export function StatementPage({ params }: { params: Record<string, string> }) {
  const t = useText(text)
  const findings = useText(findingWords)
  const statementId = params['statementId']!
  const live = useLive(`statement ${statementId}`, (signal) => loadStatement(api, statementId, signal))
  const closingDay = live.data?.statement.parts.find((part) => part.closingDay !== null)?.closingDay
  return (
    <Page
      title={t.title}
      lead={t.lead}
      actions={
        <>
          <Link to="/app/bank/queue" class="button">
            {t.queue}
          </Link>
          <Link to="/app/bank/settlement" class="button">
            {t.settle}
          </Link>
          {closingDay && (
            <Link to={`/app/bank/days/${closingDay}`} class="button">
              {t.books}
            </Link>
          )}
        </>
      }
    >
      <Loaded live={live}>
        {({ statement, entries, matches }) => (
          <>
            <Facts
              of={[
                [t.format, statement.format],
                [t.brought, moment(Date.parse(statement.createdAt) / 1000)],
                [t.leaf, number(statement.leafIndex)],
                ['SHA-256', <Hash key="sha256" value={statement.sha256} />],
                ['SM3', <Hash key="sm3" value={statement.sm3} />]
              ]}
            />
            <Parts statement={statement} />
            {entries.length === 0 ? (
              <p>{t.none}</p>
            ) : (
              <DataTable
                caption={t.entries}
                rows={entries.map((entry) => ({
                  entry,
                  matches: matches.filter((match) => match.entry.entryId === entry.entryId)
                }))}
                keyOf={({ entry }) => String(entry.entryId)}
                columns={[
                  { title: t.entry, cell: ({ entry }) => <EntryText entry={entry} /> },
                  { title: t.day, cell: ({ entry }) => dayText(entry.day) },
                  {
                    title: t.amount,
                    isNumber: true,
                    cell: ({ entry }) =>
                      entryMoney(entry.effect === 'debit' ? `-${entry.amount}` : entry.amount, entry.currency)
                  },
                  { title: t.finding, cell: ({ entry }) => findings[entry.finding] },
                  { title: t.pays, cell: (row) => <MatchesOf matches={row.matches} show="parts" /> },
                  { title: t.why, cell: (row) => <MatchesOf matches={row.matches} show="reasons" /> }
                ]}
              />
            )}
          </>
        )}
      </Loaded>
    </Page>
  )
}

function MatchesOf({ matches, show }: { matches: readonly Match[]; show: 'parts' | 'reasons' }) {
  const states = useText(matchStateWords)
  if (matches.length === 0) return <>–</>
  return (
    <>
      {matches.map((match) => (
        <div key={match.matchId}>
          {show === 'parts' ? (
            <>
              <span class="hint">{states[match.state]}</span> <MatchParts match={match} />
            </>
          ) : (
            <MatchReasons match={match} />
          )}
        </div>
      ))}
    </>
  )
}

function Parts({ statement }: { statement: Statement }) {
  const t = useText(text)
  const checks = useText(checkWords)
  const shown = (minor: string | null, currency: string) => (minor === null ? '–' : entryMoney(minor, currency))
  return (
    <DataTable
      caption={t.parts}
      rows={statement.parts}
      keyOf={(part) => `${part.account} ${part.currency} ${part.closingDay}`}
      columns={[
        { title: t.account, cell: ({ account, currency }) => `${account} ${currency}` },
        { title: t.opening, isNumber: true, cell: (part) => shown(part.opening, part.currency) },
        { title: t.movement, isNumber: true, cell: (part) => shown(part.movement, part.currency) },
        { title: t.closing, isNumber: true, cell: (part) => shown(part.closing, part.currency) },
        { title: t.difference, isNumber: true, cell: (part) => shown(part.difference, part.currency) },
        { title: t.check, cell: ({ check }) => checks[check] }
      ]}
    />
  )
}
