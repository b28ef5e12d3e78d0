import { defineText, useText } from '../i18n/language.ts'
import { chainTime } from '../live/live.ts'
import { api } from '../login/session.ts'
import { CommandButton } from '../signing/command-button.tsx'

const text = defineText({
  finance: { en: 'Record the payment', zh: '登记放款' },
  disbursement: {
    en: 'Reference of the payment that you made (the chain sees a commitment to it)',
    zh: '放款流水号（链上仅记录其承诺值）'
  },
  decline: { en: 'Decline', zh: '谢绝' },
  release: { en: 'Repaid: release', zh: '已还款，解除质押' },
  repayment: { en: 'Reference of the repayment', zh: '还款流水号' },
  foreclose: { en: 'Not repaid: take the note', zh: '未还款，实现质权' },
  demand: { en: 'Demand recourse', zh: '追索' },
  demandReason: { en: 'What you demand, and of which payment', zh: '追索事由与金额' }
})

interface FinancingActionsProps {
  noteId: string
  standing: 'locked' | 'pledged' | 'held' | 'returned'
  maturity: number
  hasRecourse?: boolean
}

/** What a factor does with a note in its book. The api and the contract decide. */
export function FinancingActions({ noteId, standing, maturity, hasRecourse = false }: FinancingActionsProps) {
  const t = useText(text)
  const isDue = maturity <= chainTime()
  switch (standing) {
    case 'locked':
      return (
        <>
          {!isDue && (
            <CommandButton
              label={t.finance}
              isPrimary
              asks={t.disbursement}
              propose={(disbursement) => api.call('financeNote', { noteId, body: { disbursement } })}
            />
          )}
          <CommandButton label={t.decline} propose={() => api.call('unlockNote', { noteId })} />
        </>
      )
    case 'pledged':
      return (
        <>
          <CommandButton
            label={t.release}
            asks={t.repayment}
            propose={(repayment) => api.call('releaseNote', { noteId, body: { repayment } })}
          />
          {isDue && <CommandButton label={t.foreclose} propose={() => api.call('forecloseNote', { noteId })} />}
        </>
      )
    case 'held':
      return hasRecourse && isDue ? (
        <CommandButton
          label={t.demand}
          asks={t.demandReason}
          propose={(demand) => api.call('returnNote', { noteId, body: { demand } })}
        />
      ) : null
    case 'returned':
      return null
  }
}
