import { useState } from 'preact/hooks'
import type { Output } from '../../client/api.ts'
import { ProblemError } from '../../client/problem.ts'
import { Link } from '../app/link.tsx'
import { defineText, useText } from '../i18n/language.ts'
import { useLive } from '../live/live.ts'
import { api, may } from '../login/session.ts'
import { requestSignatures } from '../signing/request.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Empty } from '../ui/empty.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { Problem } from '../ui/problem.tsx'
import { ReasonButton } from '../ui/reason-button.tsx'
import { dayText, entryLabel, entryMoney, EntryText } from './entry-text.tsx'
import { HeldTable } from './held-table.tsx'
import { loadAccepted, type Match } from './load.ts'
import { MatchParts, MatchReasons } from './match-parts.tsx'

const text = defineText({
  title: { en: 'Settlement', zh: '清分' },
  lead: {
    en: 'Matched payments become settled notes: one signature for up to a hundred of one currency.',
    zh: '已匹配的入账将凭证清分：同一币种至多一百张，一次签署。'
  },
  waiting: { en: 'Waits to be settled', zh: '待清分' },
  ordered: { en: 'Ordered: signatures or the chain are still to come', zh: '已下达：待签名或上链' },
  settled: { en: 'Settled', zh: '已清分' },
  entry: { en: 'Entry', zh: '入账' },
  day: { en: 'Day', zh: '日期' },
  amount: { en: 'Amount', zh: '金额' },
  pays: { en: 'Pays', zh: '支付' },
  why: { en: 'Why', zh: '理由' },
  decide: { en: 'Decision', zh: '决定' },
  reject: { en: 'Take back', zh: '撤回匹配' },
  settle: { en: (currency: string) => `Settle all of ${currency}`, zh: (currency: string) => `清分全部 ${currency}` },
  signatures: { en: 'To the signatures', zh: '前往签名页' },
  none: { en: 'Nothing to settle', zh: '没有待清分项' },
  noneHint: {
    en: 'Notes are settled after their maturity, by payments that were matched with them.',
    zh: '凭证到期后，由与之匹配的入账进行清分。'
  },
  statements: { en: 'Bring a statement', zh: '上传对账单' }
})

/** From accepted matches to settled notes. */
export function SettlementPage() {
  const t = useText(text)
  const live = useLive('accepted', (signal) => loadAccepted(api, signal))
  const [held, setHeld] = useState<Output<'createSettlement'>['held']>([])
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const settle = async (currency: string): Promise<void> => {
    setBusy(true)
    setError(undefined)
    setHeld([])
    try {
      const settlement = await api.call('createSettlement', { body: { currency } })
      // What can not be settled now stays listed, with the reason of each.
      setHeld(settlement.held)
      await requestSignatures([settlement.intent])
    } catch (failure) {
      const { code, presented } = failure instanceof ProblemError ? failure.problem : {}
      // Nothing of it can be settled: then the refusal itself says what is held, and why.
      if (code === 'SETTLEMENT_EMPTY' && Array.isArray(presented)) setHeld(presented as typeof held)
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Page title={t.title} lead={t.lead}>
      <Loaded live={live}>
        {({ waiting, ordered, settled }) => (
          <>
            {waiting.length + ordered.length + settled.length === 0 && (
              <Empty title={t.none}>
                <p>{t.noneHint}</p>
                <p>
                  <Link to="/app/bank/statements" class="button">
                    {t.statements}
                  </Link>
                </p>
              </Empty>
            )}
            {waiting.length > 0 && (
              <>
                <MatchTable caption={t.waiting} matches={waiting} isOpen />
                <div class="commands">
                  {may('propose') &&
                    [...new Set(waiting.map(({ entry }) => entry.currency))].map((currency) => (
                      <button
                        key={currency}
                        type="button"
                        class="primary"
                        disabled={isBusy}
                        onClick={() => void settle(currency)}
                      >
                        {t.settle(currency)}
                      </button>
                    ))}
                </div>
              </>
            )}
            <Problem error={error} />
            <HeldTable held={held} matches={waiting} />
            {ordered.length > 0 && (
              <>
                <MatchTable caption={t.ordered} matches={ordered} />
                <p>
                  <Link to="/app/signatures">{t.signatures}</Link>
                </p>
              </>
            )}
            {settled.length > 0 && <MatchTable caption={t.settled} matches={settled.slice(0, 100)} />}
          </>
        )}
      </Loaded>
    </Page>
  )
}

function MatchTable({
  caption,
  matches,
  isOpen = false
}: {
  caption: string
  matches: readonly Match[]
  isOpen?: boolean
}) {
  const t = useText(text)
  return (
    <DataTable
      caption={caption}
      rows={matches}
      keyOf={({ matchId }) => String(matchId)}
      columns={[
        { title: t.entry, cell: ({ entry }) => <EntryText entry={entry} /> },
        { title: t.day, cell: ({ entry }) => dayText(entry.day) },
        { title: t.amount, isNumber: true, cell: ({ entry }) => entryMoney(entry.amount, entry.currency) },
        { title: t.pays, cell: (match) => <MatchParts match={match} /> },
        { title: t.why, cell: (match) => <MatchReasons match={match} /> },
        ...(isOpen && may('propose')
          ? [
              {
                title: t.decide,
                cell: ({ matchId, entry }: Match) => (
                  <ReasonButton
                    label={t.reject}
                    about={entryLabel(entry)}
                    tell={(reason) => api.call('rejectMatch', { matchId: String(matchId), body: { reason } })}
                  />
                )
              }
            ]
          : [])
      ]}
    />
  )
}
