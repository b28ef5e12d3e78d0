import type { Note, Receivable } from '../../client/operations.generated.ts'
import { Link } from '../app/link.tsx'
import { ParticipantName } from '../directory/participant-name.tsx'
import { day, money } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { useLive } from '../live/live.ts'
import { api, may } from '../login/session.ts'
import { MaturityLinks } from '../pictures/picture-links.tsx'
import { shownState } from '../receivable/span-picture.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Empty } from '../ui/empty.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { StateChip } from '../ui/state-chip.tsx'
import { loadPositions, type Positions } from './load.ts'

const text = defineText({
  title: { en: 'Positions', zh: '持仓' },
  lead: { en: 'What you hold, and what you have registered.', zh: '您持有的债权凭证与已登记的应收账款。' },
  register: { en: 'Register an invoice', zh: '登记发票' },
  notes: { en: 'Notes that you hold', zh: '持有的债权凭证' },
  receivables: { en: 'Receivables that you registered', zh: '您登记的应收账款' },
  total: { en: 'Held and open', zh: '持有未结' },
  amount: { en: 'Amount', zh: '金额' },
  debtor: { en: 'Debtor', zh: '债务人' },
  maturity: { en: 'Maturity (UTC)', zh: '到期日（UTC）' },
  tier: { en: 'Tier', zh: '层级' },
  state: { en: 'State', zh: '状态' },
  none: { en: 'You hold nothing yet', zh: '尚无持仓' },
  noneHint: {
    en: 'Register an invoice: once its debtor confirms it, its note is yours. Notes that others offer you wait under “Offers”.',
    zh: '请登记发票：债务人确权后，债权凭证即归您持有。他人转让给您的凭证见“签收”。'
  }
})

/** Home of a supplier. */
export function PositionsPage() {
  const t = useText(text)
  const live = useLive('positions', (signal) => loadPositions(api, signal))
  return (
    <Page
      title={t.title}
      lead={t.lead}
      actions={
        <>
          <MaturityLinks />
          {may('propose') && (
            <Link to="/app/register" class="button primary">
              {t.register}
            </Link>
          )}
        </>
      }
    >
      <Loaded live={live}>{(positions) => <Holdings {...positions} />}</Loaded>
    </Page>
  )
}

function Holdings({ notes, receivables, totals }: Positions) {
  const t = useText(text)
  if (notes.length === 0 && receivables.length === 0) {
    return (
      <Empty title={t.none}>
        <p>{t.noneHint}</p>
      </Empty>
    )
  }
  const of = (note: Note): Receivable | undefined =>
    receivables.find(({ receivableId }) => receivableId === note.receivableId)
  return (
    <>
      <dl class="figures">
        {totals.map(({ currency, amount }) => (
          <div key={currency}>
            <dt>{t.total}</dt>
            <dd>{money(amount, currency)}</dd>
          </div>
        ))}
      </dl>
      {notes.length > 0 && (
        <DataTable
          caption={t.notes}
          rows={notes}
          keyOf={({ noteId }) => noteId}
          columns={[
            {
              title: t.amount,
              isNumber: true,
              cell: (note) => (
                <Link to={`/app/notes/${note.noteId}`}>{money(note.amount, of(note)?.currency ?? 0)}</Link>
              )
            },
            { title: t.debtor, cell: (note) => <ParticipantName id={of(note)?.debtor ?? 0} /> },
            { title: t.maturity, cell: (note) => day(of(note)?.maturity ?? 0) },
            { title: t.tier, isNumber: true, cell: ({ tier }) => tier },
            { title: t.state, cell: (note) => <StateChip state={shownState(note)} /> }
          ]}
        />
      )}
      <ReceivablesTable caption={t.receivables} receivables={receivables.filter(({ isOwn }) => isOwn)} />
    </>
  )
}

function ReceivablesTable({ caption, receivables }: { caption: string; receivables: readonly Receivable[] }) {
  const t = useText(text)
  if (receivables.length === 0) return null
  return (
    <DataTable
      caption={caption}
      rows={receivables}
      keyOf={({ receivableId }) => receivableId}
      columns={[
        {
          title: t.amount,
          isNumber: true,
          cell: (one) => <Link to={`/app/receivables/${one.receivableId}`}>{money(one.amount, one.currency)}</Link>
        },
        { title: t.debtor, cell: (one) => <ParticipantName id={one.debtor} /> },
        { title: t.maturity, cell: (one) => day(one.maturity) },
        {
          title: t.state,
          cell: (one) => (
            <>
              <StateChip state={one.state} /> {one.isDisputed && <StateChip state="disputed" />}
            </>
          )
        }
      ]}
    />
  )
}
