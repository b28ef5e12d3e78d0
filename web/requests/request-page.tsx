import { AlarmDecisions } from '../alarms/alarm-decisions.tsx'
import { Link } from '../app/link.tsx'
import { FinancingActions } from '../book/financing-actions.tsx'
import { ParticipantName } from '../directory/participant-name.tsx'
import type { FundingRequest } from '../funding/types.ts'
import { kindWords, obstacleWords } from '../funding/words.ts'
import { day, fromNow, money, moment } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { useLive } from '../live/live.ts'
import { api } from '../login/session.ts'
import { Download } from '../ui/download.tsx'
import { Facts } from '../ui/facts.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { StateChip } from '../ui/state-chip.tsx'
import { Checks } from './checks.tsx'
import { OwnQuotes } from './own-quotes.tsx'
import { QuoteForm } from './quote-form.tsx'

const text = defineText({
  title: { en: 'Request for funding', zh: '融资申请' },
  amount: { en: 'Amount', zh: '金额' },
  state: { en: 'State', zh: '状态' },
  from: { en: 'Asks', zh: '申请人' },
  debtor: { en: 'Debtor', zh: '债务人' },
  confirmed: { en: 'Confirmed by the debtor', zh: '债务人确权' },
  maturity: { en: 'Maturity (UTC)', zh: '到期日（UTC）' },
  tier: { en: 'Tier', zh: '层级' },
  kinds: { en: 'Acceptable', zh: '可接受方式' },
  from2: { en: 'Money wanted from', zh: '最早放款' },
  until: { en: 'Money needed until', zh: '最迟放款' },
  expires: { en: 'Takes quotes until', zh: '报价截止' },
  obstacles: { en: 'Can not be funded now', zh: '暂不可融资' },
  provenance: { en: 'Certificate of provenance', zh: '来源证明' },
  locked: { en: 'Your quote was taken', zh: '您的报价已被接受' },
  lockedHint: {
    en: (deadline: string) =>
      `The note is locked for you until ${deadline}. Pay outside of the registry, then record the payment: that gives you the note. Or decline.`,
    zh: (deadline: string) => `凭证已为您锁定至 ${deadline}。请在系统外放款，然后登记放款凭据，即取得凭证；也可谢绝。`
  },
  note: { en: 'Open the note', zh: '查看凭证' },
  book: { en: 'To the book', zh: '查看台账' }
})

/** One request, for a factor: what it is, whether it can be trusted, and the quote; then paying for what was locked. */
export function RequestPage({ params }: { params: Record<string, string> }) {
  const t = useText(text)
  const requestId = params['requestId']!
  const live = useLive(`request ${requestId}`, (signal) => api.call('getFundingRequest', { requestId }, { signal }), {
    everyMs: 4000
  })
  return (
    <Page title={t.title}>
      <Loaded live={live}>{(request) => <Request request={request} />}</Loaded>
    </Page>
  )
}

function Request({ request }: { request: FundingRequest }) {
  const t = useText(text)
  const kinds = useText(kindWords)
  const obstacles = useText(obstacleWords)
  const { requestId, state, currency, noteId } = request
  const isOpen = state === 'open' || state === 'quoted'
  const lock = request.quotes.find((quote) => quote.lock !== null)?.lock
  return (
    <>
      <Facts
        of={[
          [t.amount, <strong key="amount">{money(request.amount, currency)}</strong>],
          [t.state, <StateChip key="state" state={state} />],
          [t.from, <ParticipantName key="from" id={request.requester} />],
          [t.debtor, <ParticipantName key="debtor" id={request.debtor} />],
          [t.confirmed, moment(request.confirmedAt)],
          [t.maturity, `${day(request.maturity)} (${fromNow(request.maturity)})`],
          [t.tier, request.tier ?? undefined],
          [t.kinds, request.kinds.map((kind) => kinds[kind]).join('; ')],
          [t.from2, moment(request.fundFrom)],
          [t.until, moment(request.fundUntil)],
          [t.expires, isOpen ? `${moment(request.expiresAt)} (${fromNow(request.expiresAt)})` : undefined],
          [
            t.obstacles,
            isOpen && request.obstacles.length > 0
              ? request.obstacles.map((one) => obstacles[one]).join('; ')
              : undefined
          ]
        ]}
      />
      <div class="commands">
        <Download
          label={t.provenance}
          fileName={`provenance-${noteId.slice(2, 14)}.json`}
          type="application/json"
          load={() => api.download('getNoteProvenance', { noteId })}
        />
        <Link to="/app/book" class="button">
          {t.book}
        </Link>
      </div>
      {lock && state === 'locked' && (
        <section aria-labelledby="locked-title">
          <h2 id="locked-title">{t.locked}</h2>
          <p>{t.lockedHint(`${moment(lock.deadline)} (${fromNow(lock.deadline)})`)}</p>
          <AlarmDecisions receivableId={request.receivableId} />
          <div class="commands">
            <FinancingActions noteId={lock.noteId} standing="locked" maturity={request.maturity} />
            <Link to={`/app/notes/${lock.noteId}`} class="button">
              {t.note}
            </Link>
          </div>
        </section>
      )}
      {isOpen && <Checks request={request} />}
      <OwnQuotes request={request} />
      {isOpen && <QuoteForm key={requestId} request={request} />}
    </>
  )
}
