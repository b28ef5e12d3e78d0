import type { Receivable } from '../../client/operations.generated.ts'
import { defineText, useText } from '../i18n/language.ts'
import { api, session } from '../login/session.ts'
import { CommandButton } from '../signing/command-button.tsx'

const text = defineText({
  actions: { en: 'What you can do', zh: '可执行操作' },
  confirm: { en: 'Confirm', zh: '确权' },
  reject: { en: 'Reject', zh: '拒绝' },
  withdraw: { en: 'Withdraw', zh: '撤回' },
  dispute: { en: 'Dispute', zh: '提出争议' },
  liftDispute: { en: 'Lift the dispute', zh: '解除争议' },
  reason: { en: 'Reason', zh: '理由' }
})

/** Commands about the receivable as a whole, for whoever may give them in this state. The api and the contract decide. */
export function ReceivableActions({ receivable }: { receivable: Receivable }) {
  const t = useText(text)
  const { receivableId, state, isDisputed } = receivable
  const me = session.value?.participantId
  const isDebtor = receivable.debtor === me
  const isCreditor = receivable.creditor === me
  const buttons = [
    isDebtor && state === 'registered' && (
      <CommandButton
        key="confirm"
        label={t.confirm}
        isPrimary
        propose={() => api.call('confirmReceivable', { receivableId })}
      />
    ),
    isDebtor && state === 'registered' && (
      <CommandButton
        key="reject"
        label={t.reject}
        asks={t.reason}
        propose={(reason) => api.call('rejectReceivable', { receivableId, body: { reason } })}
      />
    ),
    isCreditor && state === 'registered' && (
      <CommandButton
        key="withdraw"
        label={t.withdraw}
        propose={() => api.call('withdrawReceivable', { receivableId })}
      />
    ),
    isDebtor && state === 'confirmed' && !isDisputed && (
      <CommandButton
        key="dispute"
        label={t.dispute}
        asks={t.reason}
        propose={(reason) => api.call('disputeReceivable', { receivableId, body: { reason } })}
      />
    ),
    isDebtor && state === 'confirmed' && isDisputed && (
      <CommandButton
        key="lift"
        label={t.liftDispute}
        asks={t.reason}
        propose={(reason) => api.call('liftDispute', { receivableId, body: { reason } })}
      />
    )
  ].filter(Boolean)
  if (buttons.length === 0) return null
  return (
    <section class="commands" aria-label={t.actions}>
      {buttons}
    </section>
  )
}
