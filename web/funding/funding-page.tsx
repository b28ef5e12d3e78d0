import { useState } from 'preact/hooks'
import { Link } from '../app/link.tsx'
import { ParticipantName } from '../directory/participant-name.tsx'
import { day, fromNow, money, percent } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { useLive } from '../live/live.ts'
import { everyPage } from '../live/pages.ts'
import { api, may } from '../login/session.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Empty } from '../ui/empty.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { StateChip } from '../ui/state-chip.tsx'
import { AskDialog } from './ask-dialog.tsx'
import { ranked, type EligibleNote, type FundingRequest } from './types.ts'
import { obstacleWords } from './words.ts'

const text = defineText({
  title: { en: 'Funding', zh: '融资' },
  lead: {
    en: 'Ask factors for money on what you hold, compare what they offer by what it truly costs, and take one.',
    zh: '以持有的债权凭证向保理商申请融资，按真实成本比较报价，择优接受。'
  },
  requests: { en: 'Your requests', zh: '您的融资申请' },
  notes: { en: 'What you hold', zh: '您持有的凭证' },
  amount: { en: 'Amount', zh: '金额' },
  debtor: { en: 'Debtor', zh: '债务人' },
  maturity: { en: 'Maturity (UTC)', zh: '到期日（UTC）' },
  quotes: { en: 'Open quotes', zh: '有效报价' },
  best: { en: 'Cheapest a year', zh: '最低年化成本' },
  expires: { en: 'Expires', zh: '截止' },
  state: { en: 'State', zh: '状态' },
  ask: { en: 'Ask for funding', zh: '申请融资' },
  askOf: { en: (amount: string) => `Ask for funding on ${amount}`, zh: (amount: string) => `为 ${amount} 申请融资` },
  can: { en: 'Can it be funded now?', zh: '当前可否融资' },
  yes: { en: 'Yes', zh: '可以' },
  not: { en: (reasons: string) => `Not now: ${reasons}`, zh: (reasons: string) => `暂不可：${reasons}` },
  none: { en: 'Nothing to fund yet', zh: '暂无可融资的凭证' },
  noneHint: {
    en: 'Once a debtor confirms a receivable of yours, or you accept a note, you can ask for money on it here.',
    zh: '债务人确权或您签收凭证后，即可在此申请融资。'
  }
})

/** What may be funded, and what was asked for. */
export function FundingPage() {
  const t = useText(text)
  const live = useLive(
    'funding',
    async (signal) => {
      const [requests, notes] = await Promise.all([
        api.call('listFundingRequests', { role: 'requester', limit: '200' }, { signal }),
        everyPage((page) => api.call('listEligibleNotes', { ...page }, { signal }))
      ])
      return { requests: requests.items, notes }
    },
    { everyMs: 4000 }
  )
  return (
    <Page title={t.title} lead={t.lead}>
      <Loaded live={live}>
        {({ requests, notes }) =>
          requests.length + notes.length === 0 ? (
            <Empty title={t.none}>
              <p>{t.noneHint}</p>
            </Empty>
          ) : (
            <>
              <RequestsTable requests={requests} />
              <NotesTable notes={notes} />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

function RequestsTable({ requests }: { requests: readonly FundingRequest[] }) {
  const t = useText(text)
  if (requests.length === 0) return null
  const open = ({ quotes }: FundingRequest) => ranked(quotes).filter(({ state }) => state === 'open')
  const best = (request: FundingRequest): string => {
    const rate = open(request)[0]?.cost.effectiveRateBp
    return rate === undefined || rate === null ? '–' : percent(rate)
  }
  return (
    <DataTable
      caption={t.requests}
      rows={requests}
      keyOf={({ requestId }) => requestId}
      columns={[
        {
          title: t.amount,
          isNumber: true,
          cell: (one) => <Link to={`/app/funding/${one.requestId}`}>{money(one.amount, one.currency)}</Link>
        },
        { title: t.debtor, cell: (one) => <ParticipantName id={one.debtor} /> },
        { title: t.maturity, cell: (one) => day(one.maturity) },
        { title: t.quotes, isNumber: true, cell: (one) => open(one).length },
        { title: t.best, isNumber: true, cell: best },
        { title: t.expires, cell: (one) => fromNow(one.expiresAt) },
        { title: t.state, cell: (one) => <StateChip state={one.state} /> }
      ]}
    />
  )
}

function NotesTable({ notes }: { notes: readonly EligibleNote[] }) {
  const t = useText(text)
  const obstacles = useText(obstacleWords)
  const [asked, setAsked] = useState<EligibleNote>()
  if (notes.length === 0) return null
  return (
    <>
      <DataTable
        caption={t.notes}
        rows={notes}
        keyOf={({ noteId }) => noteId}
        columns={[
          {
            title: t.amount,
            isNumber: true,
            cell: ({ state, noteId, receivableId, amount, currency }) => (
              <Link to={state === 'none' ? `/app/receivables/${receivableId}` : `/app/notes/${noteId}`}>
                {money(amount, currency)}
              </Link>
            )
          },
          { title: t.debtor, cell: ({ debtor }) => <ParticipantName id={debtor} /> },
          { title: t.maturity, cell: ({ maturity }) => day(maturity) },
          {
            title: t.can,
            cell: (note) =>
              !note.isEligible ? (
                t.not(note.obstacles.map((one) => obstacles[one]).join('; '))
              ) : may('propose') ? (
                <button
                  type="button"
                  aria-label={t.askOf(money(note.amount, note.currency))}
                  onClick={() => setAsked(note)}
                >
                  {t.ask}
                </button>
              ) : (
                t.yes
              )
          }
        ]}
      />
      {asked && <AskDialog note={asked} onClose={() => setAsked(undefined)} />}
    </>
  )
}
