import { Link } from '../app/link.tsx'
import { ParticipantName } from '../directory/participant-name.tsx'
import { day, fromNow, money, moment } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { touch, useLive } from '../live/live.ts'
import { api } from '../login/session.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { Empty } from '../ui/empty.tsx'
import { Facts } from '../ui/facts.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { StateChip } from '../ui/state-chip.tsx'
import { LockStory } from './lock-story.tsx'
import { QuoteTable } from './quote-table.tsx'
import type { FundingRequest } from './types.ts'
import { kindWords, obstacleWords } from './words.ts'

const text = defineText({
  title: { en: 'Funding request', zh: '融资申请' },
  amount: { en: 'Amount', zh: '金额' },
  state: { en: 'State', zh: '状态' },
  debtor: { en: 'Debtor', zh: '债务人' },
  maturity: { en: 'Maturity (UTC)', zh: '到期日（UTC）' },
  asked: { en: 'Asked', zh: '询价对象' },
  all: { en: 'every factor', zh: '所有保理商' },
  kinds: { en: 'Acceptable', zh: '可接受方式' },
  until: { en: 'Money needed until', zh: '最迟到账' },
  expires: { en: 'Takes quotes until', zh: '报价截止' },
  note: { en: 'Note', zh: '债权凭证' },
  open: { en: 'Open the note', zh: '查看凭证' },
  obstacles: { en: 'Can not be funded now', zh: '暂不可融资' },
  withdraw: { en: 'Withdraw the request', zh: '撤回申请' },
  none: { en: 'No quotes yet', zh: '尚无报价' },
  noneHint: {
    en: 'Factors that you asked see this request now. A quote appears here by itself; you may leave and come back.',
    zh: '您询价的保理商已可看到此申请。报价会自动显示在此；您可以离开后再回来。'
  }
})

/** A request of one's own: its quotes side by side, and what became of the accepted one. */
export function RequestPage({ params }: { params: Record<string, string> }) {
  const t = useText(text)
  const requestId = params['requestId']!
  const live = useLive(`funding ${requestId}`, (signal) => api.call('getFundingRequest', { requestId }, { signal }), {
    everyMs: 3000
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
  const { requestId, state, quotes, currency, factors } = request
  const isOpen = state === 'open' || state === 'quoted'
  const taken = quotes.find(({ lock, intentId }) => lock !== null || (state === 'accepted' && intentId !== null))
  return (
    <>
      <Facts
        of={[
          [t.amount, <strong key="amount">{money(request.amount, currency)}</strong>],
          [t.state, <StateChip key="state" state={state} />],
          [t.debtor, <ParticipantName key="debtor" id={request.debtor} />],
          [t.maturity, `${day(request.maturity)} (${fromNow(request.maturity)})`],
          [
            t.asked,
            request.isOpenToAll
              ? t.all
              : factors?.map((id, i) => (
                  <span key={id}>
                    {i > 0 && ', '}
                    <ParticipantName id={id} />
                  </span>
                ))
          ],
          [t.kinds, request.kinds.map((kind) => kinds[kind]).join('; ')],
          [t.until, moment(request.fundUntil)],
          [t.expires, isOpen ? `${moment(request.expiresAt)} (${fromNow(request.expiresAt)})` : undefined],
          [
            t.note,
            <Link key="note" to={`/app/notes/${taken?.lock?.noteId ?? request.noteId}`}>
              {t.open}
            </Link>
          ],
          [
            t.obstacles,
            isOpen && request.obstacles.length > 0
              ? request.obstacles.map((one) => obstacles[one]).join('; ')
              : undefined
          ]
        ]}
      />
      {isOpen && (
        <div class="commands">
          <ActionButton
            label={t.withdraw}
            act={async () => {
              await api.call('withdrawFundingRequest', { requestId })
              touch()
            }}
          />
        </div>
      )}
      {taken && <LockStory quote={taken} />}
      {quotes.length > 0 ? (
        <QuoteTable quotes={quotes} isChoosing={state === 'quoted'} />
      ) : (
        isOpen && (
          <Empty title={t.none}>
            <p>{t.noneHint}</p>
          </Empty>
        )
      )}
    </>
  )
}
