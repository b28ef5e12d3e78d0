import { useState } from 'preact/hooks'
import { Link } from '../app/link.tsx'
import { ParticipantName } from '../directory/participant-name.tsx'
import { AskDialog } from '../funding/ask-dialog.tsx'
import { day, fromNow, money } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { chainTime } from '../live/live.ts'
import { may } from '../login/session.ts'
import { DataTable } from '../ui/data-table.tsx'
import { StateChip } from '../ui/state-chip.tsx'
import { FinancingActions } from './financing-actions.tsx'
import type { Position } from './load.ts'

const text = defineText({
  caption: { en: 'Positions, soonest maturity first', zh: '持仓（到期日最近者在前）' },
  amount: { en: 'Amount', zh: '金额' },
  standing: { en: 'Standing', zh: '状态' },
  debtor: { en: 'Debtor', zh: '债务人' },
  seller: { en: 'Seller', zh: '卖方' },
  maturity: { en: 'Maturity (UTC)', zh: '到期日（UTC）' },
  deadline: { en: 'Until', zh: '截止' },
  overdue: { en: 'due, not paid', zh: '已到期未付' },
  recourse: { en: 'with recourse', zh: '有追索权' },
  actions: { en: 'What you can do', zh: '可执行操作' },
  refinance: { en: 'Refinance', zh: '再保理' }
})

/** Every note in the book with what can be done about it. */
export function PositionsTable({ positions }: { positions: readonly Position[] }) {
  const t = useText(text)
  const [refinanced, setRefinanced] = useState<Position>()
  const now = chainTime()
  return (
    <>
      <DataTable
        caption={t.caption}
        rows={positions}
        keyOf={({ noteId }) => noteId}
        columns={[
          {
            title: t.amount,
            isNumber: true,
            cell: ({ noteId, amount, currency }) => <Link to={`/app/notes/${noteId}`}>{money(amount, currency)}</Link>
          },
          {
            title: t.standing,
            cell: ({ standing, isDisputed, hasRecourse }) => (
              <>
                <StateChip state={standing} /> {isDisputed && <StateChip state="disputed" />}{' '}
                {hasRecourse && <small>{t.recourse}</small>}
              </>
            )
          },
          { title: t.debtor, cell: ({ debtor }) => <ParticipantName id={debtor} /> },
          { title: t.seller, cell: ({ seller }) => <ParticipantName id={seller} /> },
          {
            title: t.maturity,
            cell: ({ maturity }) => (
              <>
                {day(maturity)} {maturity <= now && <strong>{t.overdue}</strong>}
              </>
            )
          },
          { title: t.deadline, cell: ({ deadline }) => (deadline === null ? '' : fromNow(deadline)) },
          {
            title: t.actions,
            cell: (position) => (
              <div class="commands">
                <FinancingActions {...position} />
                {position.standing === 'held' && position.maturity > now && !position.isDisputed && may('propose') && (
                  <button type="button" onClick={() => setRefinanced(position)}>
                    {t.refinance}
                  </button>
                )}
              </div>
            )
          }
        ]}
      />
      {refinanced && <AskDialog note={refinanced} onClose={() => setRefinanced(undefined)} />}
    </>
  )
}
