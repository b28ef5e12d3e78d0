import { Link } from '../app/link.tsx'
import { money } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { useLive } from '../live/live.ts'
import { api } from '../login/session.ts'
import { Empty } from '../ui/empty.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { StateChip } from '../ui/state-chip.tsx'
import { CollectionsTable, ExposureTable } from './exposure.tsx'
import { Limits } from './limits.tsx'
import { loadBook, type Book } from './load.ts'
import { PositionsTable } from './positions-table.tsx'

const text = defineText({
  title: { en: 'Book', zh: '台账' },
  lead: {
    en: 'What is locked or pledged for you and what you hold, your limits, and when money comes in.',
    zh: '为您锁定、质押或由您持有的凭证，您的额度，以及回款时间。'
  },
  none: { en: 'Your book is empty', zh: '台账为空' },
  noneHint: {
    en: 'A note comes into it once a seller accepts a quote of yours. Quote on the requests that you were sent.',
    zh: '卖方接受您的报价后，凭证即进入台账。请先对融资申请报价。'
  },
  requests: { en: 'To the requests', zh: '查看融资申请' },
  notes: {
    en: (count: number) => `${count} ${count === 1 ? 'note' : 'notes'}`,
    zh: (count: number) => `${count} 张凭证`
  }
})

/** Positions, limits and collections of a factor. */
export function BookPage() {
  const t = useText(text)
  const live = useLive('book', (signal) => loadBook(api, signal), { everyMs: 10_000 })
  return (
    <Page title={t.title} lead={t.lead}>
      <Loaded live={live}>{(book) => <Content book={book} />}</Loaded>
    </Page>
  )
}

function Content({ book: { sums, limits, positions } }: { book: Book }) {
  const t = useText(text)
  return (
    <>
      {positions.length === 0 ? (
        <Empty title={t.none}>
          <p>{t.noneHint}</p>
          <p>
            <Link to="/app/requests">{t.requests}</Link>
          </p>
        </Empty>
      ) : (
        <>
          <dl class="figures">
            {sums
              .filter(({ by }) => by === 'standing')
              .map(({ key, currency, amount, notes }) => (
                <div key={`${key} ${currency}`}>
                  <dt>
                    <StateChip state={key as 'locked' | 'pledged' | 'held' | 'returned'} /> {t.notes(notes)}
                  </dt>
                  <dd>{money(amount, currency)}</dd>
                </div>
              ))}
          </dl>
          <PositionsTable positions={positions} />
          <CollectionsTable sums={sums} />
          <ExposureTable sums={sums} limits={limits} by="debtor" />
          <ExposureTable sums={sums} limits={limits} by="seller" />
        </>
      )}
      <Limits limits={limits} />
    </>
  )
}
