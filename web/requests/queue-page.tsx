import { Link } from '../app/link.tsx'
import { ParticipantName } from '../directory/participant-name.tsx'
import { isGoing, type FundingRequest } from '../funding/types.ts'
import { kindWords, obstacleWords } from '../funding/words.ts'
import { day, fromNow, money } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { useLive } from '../live/live.ts'
import { api } from '../login/session.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Empty } from '../ui/empty.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { StateChip } from '../ui/state-chip.tsx'

const text = defineText({
  title: { en: 'Requests for funding', zh: '融资申请' },
  lead: {
    en: 'Who asks you for money on which confirmed debt: check it, quote, and pay once your quote was taken and the note locked.',
    zh: '持有人以已确权债权向您申请融资：核查后报价；报价被接受且凭证锁定后放款。'
  },
  going: { en: 'To quote, or under way', zh: '待报价与进行中' },
  past: { en: 'Past', zh: '已结束' },
  amount: { en: 'Amount', zh: '金额' },
  from: { en: 'Asks', zh: '申请人' },
  debtor: { en: 'Debtor', zh: '债务人' },
  maturity: { en: 'Maturity (UTC)', zh: '到期日（UTC）' },
  kinds: { en: 'Acceptable', zh: '可接受方式' },
  expires: { en: 'Until', zh: '报价截止' },
  obstacles: { en: 'In the way', zh: '障碍' },
  quotes: { en: 'Your quotes', zh: '您的报价' },
  state: { en: 'State', zh: '状态' },
  none: { en: 'Nobody has asked you yet', zh: '暂无融资申请' },
  noneHint: {
    en: 'Requests to all factors, and those to you alone, appear here by themselves. Until then, set your limits in the book.',
    zh: '面向所有保理商或仅面向您的申请会自动显示在此。您可以先在台账中设置额度。'
  },
  book: { en: 'To the book', zh: '查看台账' }
})

/** Home of a factor. */
export function QueuePage() {
  const t = useText(text)
  const live = useLive(
    'requests',
    (signal) => api.call('listFundingRequests', { role: 'factor', limit: '200' }, { signal }),
    { everyMs: 4000 }
  )
  return (
    <Page title={t.title} lead={t.lead}>
      <Loaded live={live}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t.none}>
              <p>{t.noneHint}</p>
              <p>
                <Link to="/app/book">{t.book}</Link>
              </p>
            </Empty>
          ) : (
            <>
              <Queue caption={t.going} requests={items.filter(isGoing)} />
              <Queue caption={t.past} requests={items.filter((one) => !isGoing(one))} />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

function Queue({ caption, requests }: { caption: string; requests: readonly FundingRequest[] }) {
  const t = useText(text)
  const kinds = useText(kindWords)
  const obstacles = useText(obstacleWords)
  if (requests.length === 0) return null
  return (
    <DataTable
      caption={caption}
      rows={requests}
      keyOf={({ requestId }) => requestId}
      columns={[
        {
          title: t.amount,
          isNumber: true,
          cell: (one) => <Link to={`/app/requests/${one.requestId}`}>{money(one.amount, one.currency)}</Link>
        },
        { title: t.from, cell: (one) => <ParticipantName id={one.requester} /> },
        { title: t.debtor, cell: (one) => <ParticipantName id={one.debtor} /> },
        { title: t.maturity, cell: (one) => day(one.maturity) },
        { title: t.kinds, cell: (one) => one.kinds.map((kind) => kinds[kind]).join('; ') },
        { title: t.expires, cell: (one) => fromNow(one.expiresAt) },
        {
          title: t.obstacles,
          cell: (one) => (isGoing(one) ? one.obstacles.map((obstacle) => obstacles[obstacle]).join('; ') : '')
        },
        { title: t.quotes, isNumber: true, cell: ({ quotes }) => quotes.length },
        { title: t.state, cell: (one) => <StateChip state={one.state} /> }
      ]}
    />
  )
}
