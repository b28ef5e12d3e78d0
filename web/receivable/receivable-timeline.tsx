import { defineText, useText } from '../i18n/language.ts'
import { useLive } from '../live/live.ts'
import { api } from '../login/session.ts'
import { loadHistory, loadOwnTransactions } from '../note/load.ts'
import { proofFrom, Timeline } from '../note/timeline.tsx'
import { Loaded } from '../ui/loaded.tsx'

const text = defineText({
  shortened: {
    en: (count: number) => `The newest ${count} changes. Each note has its own history.`,
    zh: (count: number) => `最近 ${count} 次变动。每张凭证另有各自的历程。`
  }
})

/** Changes shown at once: a receivable over many tiers has hundreds. */
const SHOWN = 60

interface ReceivableTimelineProps {
  receivableId: string
  currency: number
  /** Whether the reader may have the evidence of the whole. */
  isParty: boolean
}

/** What happened to a receivable and all of its notes. */
export function ReceivableTimeline({ receivableId, currency, isParty }: ReceivableTimelineProps) {
  const t = useText(text)
  const live = useLive(`history ${receivableId}`, (signal) =>
    Promise.all([loadHistory(api, receivableId, signal), loadOwnTransactions(api, signal)])
  )
  const whole = {
    fileName: `receivable-${receivableId.slice(2, 14)}.zip`,
    load: () => api.download('getReceivableEvidence', { receivableId })
  }
  return (
    <Loaded live={live}>
      {([events, own]) => (
        <>
          <Timeline
            events={events.slice(-SHOWN)}
            currency={currency}
            proofOf={proofFrom(own, isParty ? whole : undefined)}
          />
          {events.length > SHOWN && <p class="hint">{t.shortened(SHOWN)}</p>}
        </>
      )}
    </Loaded>
  )
}
