import { useState } from 'preact/hooks'
import type { Output } from '../../client/api.ts'
import { Link } from '../app/link.tsx'
import { nameOf } from '../directory/directory.ts'
import { ParticipantName } from '../directory/participant-name.tsx'
import { day, money, number } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { useLive } from '../live/live.ts'
import { api } from '../login/session.ts'
import { shownState } from '../receivable/span-picture.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Empty } from '../ui/empty.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { StateChip, stateWord, type ShownState } from '../ui/state-chip.tsx'
import { questionOf } from './outstanding.ts'

const text = defineText({
  title: { en: 'The notes behind the figure', zh: '数字背后的凭证' },
  all: { en: 'everything outstanding', zh: '全部未结' },
  tier: { en: (value: string) => `tier ${value}`, zh: (value: string) => `第 ${value} 层` },
  state: { en: (value: string) => `state: ${value}`, zh: (value: string) => `状态：${value}` },
  debtor: { en: (value: string) => `owed by ${value}`, zh: (value: string) => `债务人：${value}` },
  group: { en: (value: string) => `owed by the group ${value}`, zh: (value: string) => `债务人集团：${value}` },
  month: { en: (value: string) => `maturing in ${value}`, zh: (value: string) => `${value} 到期` },
  overdue: { en: (value: string) => `${value} days past due`, zh: (value: string) => `逾期 ${value} 天` },
  financed: { en: 'financed', zh: '已融资' },
  disputed: { en: 'disputed', zh: '有争议' },
  frozen: { en: 'frozen', zh: '已冻结' },
  overdueAll: { en: 'overdue', zh: '逾期' },
  sum: {
    en: (amount: string, notes: string) => `${amount} in ${notes} notes`,
    zh: (amount: string, notes: string) => `${amount}，共 ${notes} 张凭证`
  },
  caption: { en: 'Notes', zh: '债权凭证' },
  amount: { en: 'Amount', zh: '金额' },
  owes: { en: 'Debtor', zh: '债务人' },
  holder: { en: 'Holder', zh: '持有人' },
  depth: { en: 'Tier', zh: '层级' },
  maturity: { en: 'Maturity (UTC)', zh: '到期日（UTC）' },
  condition: { en: 'State', zh: '状态' },
  more: { en: 'Further notes', zh: '后续凭证' },
  first: { en: 'From the beginning', zh: '回到开头' },
  none: { en: 'No note is behind this figure now', zh: '当前没有对应的凭证' },
  back: { en: 'To the overview', zh: '返回总览' }
})

type Row = Output<'listOutstanding'>['items'][number]

/** The list behind a figure of the overview, with its sum. */
export function OutstandingPage({ params }: { params: Record<string, string> }) {
  const t = useText(text)
  const [after, setAfter] = useState<string>()
  const question = questionOf(params) ?? {}
  const live = useLive(`outstanding ${JSON.stringify(question)} ${after ?? ''}`, (signal) =>
    api.call('listOutstanding', { ...question, limit: '100', ...(after === undefined ? {} : { after }) }, { signal })
  )
  return (
    <Page title={t.title} lead={wordsOf(params)}>
      <Loaded live={live}>
        {({ totals, items, next }) =>
          totals.length === 0 ? (
            <Empty title={t.none}>
              <p>
                <Link to="/app/overview">{t.back}</Link>
              </p>
            </Empty>
          ) : (
            <>
              {totals.map(({ currency, amount, notes }) => (
                <p key={currency} class="chosen">
                  <strong>{t.sum(money(amount, currency), number(notes))}</strong>
                </p>
              ))}
              <OutstandingTable rows={items} />
              <div class="commands">
                {after !== undefined && (
                  <button type="button" onClick={() => setAfter(undefined)}>
                    {t.first}
                  </button>
                )}
                {next !== null && (
                  <button type="button" onClick={() => setAfter(next)}>
                    {t.more}
                  </button>
                )}
              </div>
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

/** Notes with what an authority looks for first. */
export function OutstandingTable({ rows, caption }: { rows: readonly Row[]; caption?: string }) {
  const t = useText(text)
  return (
    <DataTable
      caption={caption ?? t.caption}
      rows={rows}
      keyOf={({ note }) => note.noteId}
      columns={[
        {
          title: t.amount,
          isNumber: true,
          cell: ({ note, currency }) => <Link to={`/app/notes/${note.noteId}`}>{money(note.amount, currency)}</Link>
        },
        { title: t.owes, cell: ({ debtor }) => <ParticipantName id={debtor} /> },
        { title: t.holder, cell: ({ note }) => <ParticipantName id={note.holder} /> },
        { title: t.depth, isNumber: true, cell: ({ note }) => String(note.tier) },
        { title: t.maturity, cell: ({ maturity }) => day(maturity) },
        {
          title: t.condition,
          cell: ({ note, isDisputed }) => (
            <>
              <StateChip state={shownState(note)} /> {isDisputed && <StateChip state="disputed" />}
            </>
          )
        }
      ]}
    />
  )
}

/** What the figure counts, in words. */
function wordsOf({ by, value = '' }: Record<string, string>): string {
  const t = text()
  if (by === 'only') {
    const only: Record<string, string> = { ...t, overdue: t.overdueAll } as never
    return only[value] ?? value
  }
  if (by === 'debtor') return t.debtor(nameOf(Number(value)))
  if (by === 'state') return t.state(stateWord(value as ShownState) ?? value)
  if (by === 'tier' || by === 'group' || by === 'month' || by === 'overdue') return t[by](value)
  return t.all
}
