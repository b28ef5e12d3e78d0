import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Intent, Note, Receivable } from '../../client/operations.generated.ts'
import { addDays, dayOfSeconds, secondsOf } from '../../domain/calendar/day.ts'
import { othersWith } from '../directory/directory.ts'
import { defineText, useText } from '../i18n/language.ts'
import { api } from '../login/session.ts'
import { AmountField } from '../note/amount-field.tsx'
import { SpanSlider } from '../note/span-slider.tsx'
import { requestSignatures } from '../signing/request.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Problem } from '../ui/problem.tsx'
import { bringOrder, emptyOrder, OrderFields } from './order-fields.tsx'

const text = defineText({
  stays: { en: (amount: string) => `stays free: ${amount}`, zh: (amount: string) => `不冻结 ${amount}` },
  freezes: { en: (amount: string) => `is frozen: ${amount}`, zh: (amount: string) => `冻结 ${amount}` },
  freeze: { en: 'Freeze by order', zh: '依文书冻结' },
  freezeLead: {
    en: 'The frozen part can not be transferred, financed or cancelled until then; at maturity it is paid to the escrow.',
    zh: '冻结部分在期限内不得转让、融资或冲减；到期时付至提存方。'
  },
  until: { en: 'Frozen until the end of (UTC)', zh: '冻结至（UTC 当日结束）' },
  escrow: { en: 'Escrow that is paid meanwhile', zh: '提存方' },
  choose: { en: 'choose', zh: '请选择' },
  unfreeze: { en: 'Lift the freeze by order', zh: '依文书解除冻结' },
  lift: { en: 'Lift the dispute by order', zh: '依文书解除争议' },
  two: {
    en: 'Two people of the authority sign: you first, the second under “Signatures”.',
    zh: '须两人签署：您先签，第二人在“签名”页复核签署。'
  },
  go: { en: 'Continue to sign', zh: '继续签署' }
})

type Order = Awaited<ReturnType<typeof bringOrder>>

interface OrderDialogProps {
  title: string
  lead?: string
  propose: (order: Order) => Promise<Intent>
  onClose: () => void
  children?: ComponentChildren
}

/** What every order needs; whatever it needs beyond that stands above. */
function OrderDialog({ title, lead, propose, onClose, children }: OrderDialogProps) {
  const t = useText(text)
  const [order, setOrder] = useState(emptyOrder)
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const go = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      const intent = await propose(await bringOrder(order))
      onClose()
      await requestSignatures([intent])
    } catch (failure) {
      setError(failure)
      setBusy(false)
    }
  }
  return (
    <Dialog title={title} isBusy={isBusy} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void go()
        }}
      >
        {lead !== undefined && <p>{lead}</p>}
        {children}
        <OrderFields order={order} onChange={setOrder} />
        <p class="hint">{t.two}</p>
        <Problem error={error} />
        <button type="submit" class="primary" disabled={isBusy} aria-busy={isBusy}>
          {t.go}
        </button>
      </form>
    </Dialog>
  )
}

/** Freezes a part of a note, or all of it. */
export function FreezeDialog({
  note,
  receivable,
  onClose
}: {
  note: Note
  receivable: Receivable
  onClose: () => void
}) {
  const t = useText(text)
  const total = BigInt(note.amount)
  const [part, setPart] = useState(total)
  const [until, setUntil] = useState(addDays(dayOfSeconds(Date.now() / 1000), 180))
  const [escrow, setEscrow] = useState('')
  const clearing = othersWith('clearing')
  const others = othersWith('supplier', 'factor', 'debtor')
  return (
    <OrderDialog
      title={t.freeze}
      lead={t.freezeLead}
      onClose={onClose}
      propose={(order) =>
        api.call('freezeNote', {
          noteId: note.noteId,
          body: { ...order, amount: String(part), until: secondsOf(addDays(until, 1)) - 1, escrow: Number(escrow) }
        })
      }
    >
      <SpanSlider
        total={total}
        part={part}
        currency={receivable.currency}
        onMove={setPart}
        words={{ keep: t.stays, give: t.freezes }}
      />
      <AmountField total={total} part={part} currency={receivable.currency} onChange={setPart} />
      <Field label={t.until}>
        {(attributes) => (
          <input
            {...attributes}
            type="date"
            required
            value={until}
            onInput={(event) => setUntil(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label={t.escrow}>
        {(attributes) => (
          <select {...attributes} required value={escrow} onChange={(event) => setEscrow(event.currentTarget.value)}>
            <option value="">{t.choose}</option>
            {[...clearing, ...others].map(({ participantId, name }) => (
              <option key={participantId} value={participantId}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
    </OrderDialog>
  )
}

/** Lifts a freeze before it ends by itself. */
export function UnfreezeDialog({ noteId, onClose }: { noteId: string; onClose: () => void }) {
  const t = useText(text)
  return (
    <OrderDialog
      title={t.unfreeze}
      onClose={onClose}
      propose={(order) => api.call('unfreezeNote', { noteId, body: order })}
    />
  )
}

/** Lifts a dispute that its debtor keeps up. */
export function LiftDisputeDialog({ receivableId, onClose }: { receivableId: string; onClose: () => void }) {
  const t = useText(text)
  return (
    <OrderDialog
      title={t.lift}
      onClose={onClose}
      propose={({ order, court, document }) =>
        api.call('liftDispute', { receivableId, body: { reason: order, court, document } })
      }
    />
  )
}
