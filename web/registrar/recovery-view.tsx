import type { Recovery } from '../../client/operations.generated.ts'
import { fromNow, moment } from '../i18n/format.ts'
import { defineText, language, useText } from '../i18n/language.ts'
import { api } from '../login/session.ts'
import { CommandButton } from '../signing/command-button.tsx'
import { Facts } from '../ui/facts.tsx'
import { KeysTable } from './keys-table.tsx'
import { StandingChip, type Standing } from './standing-chip.tsx'

const text = defineText({
  caption: { en: 'Proposed keys', zh: '提议的密钥' },
  state: { en: 'State', zh: '状态' },
  means: { en: 'What this means', zh: '说明' },
  proposed: { en: 'Proposed', zh: '提议时间' },
  ready: { en: 'Can be vetoed alone until', zh: '仅可否决至' },
  last: { en: 'Last moment to put them in force', zh: '最迟生效时间' },
  reason: { en: 'Reason', zh: '理由' },
  complete: { en: 'Put the new keys in force', zh: '使新密钥生效' },
  cancel: { en: 'Take the proposal back', zh: '撤回提议' }
})

/** Apart from the words the delay shows in the chip: over, or not. */
export function chipOfRecovery({ state, isFinishable }: Recovery): Standing {
  return isFinishable ? 'ready' : state
}

/** Where a proposal stands, until when who can do what, and what the registrar can do now. */
export function RecoveryView({ recovery }: { recovery: Recovery }) {
  const t = useText(text)
  const { state, words, readyAt, lastAt, proposedAt, reason, isFinishable } = recovery
  const participantId = String(recovery.participantId)
  const when = (at: number | null) => (at === null ? undefined : `${moment(at)} (${fromNow(at)})`)
  return (
    <article class="recovery">
      <Facts
        of={[
          [t.state, <StandingChip state={chipOfRecovery(recovery)} />],
          [t.means, words[language.value]],
          [t.ready, when(readyAt)],
          [t.last, when(lastAt)],
          [t.proposed, moment(Date.parse(proposedAt) / 1000)],
          [t.reason, reason]
        ]}
      />
      {state === 'pending' && (
        <>
          <KeysTable caption={t.caption} of={recovery} />
          <div class="commands">
            {isFinishable && (
              <CommandButton
                label={t.complete}
                isPrimary
                asks={t.reason}
                propose={(why) => api.call('completeRecovery', { participantId, body: { reason: why } })}
              />
            )}
            <CommandButton
              label={t.cancel}
              asks={t.reason}
              propose={(why) => api.call('cancelRecovery', { participantId, body: { reason: why } })}
            />
          </div>
        </>
      )}
    </article>
  )
}
