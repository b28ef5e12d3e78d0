import { useState } from 'preact/hooks'
import type { Note, Receivable } from '../../client/operations.generated.ts'
import { defineText, useText } from '../i18n/language.ts'
import { api } from '../login/session.ts'
import { requestSignatures } from '../signing/request.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Problem } from '../ui/problem.tsx'
import { TextField } from '../ui/text-field.tsx'
import { AmountField } from './amount-field.tsx'
import { SpanSlider } from './span-slider.tsx'

const text = defineText({
  title: { en: 'Cancel a part by credit note', zh: '以红字发票冲减' },
  creditNote: { en: 'Credit note number', zh: '红字发票号码' },
  hint: { en: 'The debtor has to consent.', zh: '须经债务人同意。' },
  go: { en: 'Continue to sign', zh: '继续签署' }
})

/** Offers the debtor to cancel a part that was never sold. */
export function CreditNoteDialog({
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
  const [part, setPart] = useState(total / 10n || total)
  const [creditNote, setCreditNote] = useState('')
  const [error, setError] = useState<unknown>()
  const go = async (): Promise<void> => {
    setError(undefined)
    try {
      const body = { amount: part.toString(), creditNote }
      const intent = await api.call('offerDilution', { noteId: note.noteId, body })
      onClose()
      await requestSignatures([intent])
    } catch (failure) {
      setError(failure)
    }
  }
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
        <TextField label={t.creditNote} hint={t.hint} value={creditNote} onValue={setCreditNote} />
        <Problem error={error} />
        <button type="submit" class="primary">
          {t.go}
        </button>
      </form>
    </Dialog>
  )
}
