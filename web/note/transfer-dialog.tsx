import { useState } from 'preact/hooks'
import type { Note, Receivable } from '../../client/operations.generated.ts'
import { othersWith } from '../directory/directory.ts'
import { defineText, useText } from '../i18n/language.ts'
import { api } from '../login/session.ts'
import { requestSignatures } from '../signing/request.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Problem } from '../ui/problem.tsx'
import { TextField } from '../ui/text-field.tsx'
import { AmountField } from './amount-field.tsx'
import { SpanSlider } from './span-slider.tsx'

const text = defineText({
  title: { en: 'Pay with a part of the note', zh: '拆分转让债权凭证' },
  assignee: { en: 'To', zh: '受让人' },
  choose: { en: 'choose', zh: '请选择' },
  trade: { en: 'Trade document', zh: '贸易单据' },
  tradeHint: {
    en: 'Your reference to what is paid, such as an order or delivery note. The chain sees a commitment to it.',
    zh: '本次付款对应的订单或送货单编号。链上仅记录其承诺值。'
  },
  go: { en: 'Continue to sign', zh: '继续签署' }
})

interface TransferDialogProps {
  note: Note
  receivable: Receivable
  onClose: () => void
}

/** Offers a part, or the whole, to another holder. */
export function TransferDialog({ note, receivable, onClose }: TransferDialogProps) {
  const t = useText(text)
  const total = BigInt(note.amount)
  const [part, setPart] = useState(total / 2n || total)
  const [assignee, setAssignee] = useState('')
  const [trade, setTrade] = useState('')
  const [error, setError] = useState<unknown>()
  const go = async (): Promise<void> => {
    setError(undefined)
    try {
      const intent = await api.call('transferNote', {
        noteId: note.noteId,
        body: { assignee: Number(assignee), amount: part.toString(), tradeDocument: trade }
      })
      onClose()
      await requestSignatures([intent])
    } catch (failure) {
      setError(failure)
    }
  }
  const others = othersWith('supplier', 'factor').filter(({ participantId }) => participantId !== receivable.debtor)
  return (
    <Dialog title={t.title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void go()
        }}
      >
        <SpanSlider total={total} part={part} currency={receivable.currency} onMove={setPart} />
        <AmountField total={total} part={part} currency={receivable.currency} onChange={setPart} />
        <Field label={t.assignee}>
          {(attributes) => (
            <select
              {...attributes}
              required
              value={assignee}
              onChange={(event) => setAssignee(event.currentTarget.value)}
            >
              <option value="">{t.choose}</option>
              {others.map(({ participantId, name }) => (
                <option key={participantId} value={participantId}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <TextField label={t.trade} hint={t.tradeHint} value={trade} onValue={setTrade} />
        <Problem error={error} />
        <button type="submit" class="primary">
          {t.go}
        </button>
      </form>
    </Dialog>
  )
}
