import { useState } from 'preact/hooks'
import { fundingKinds } from '../../domain/factoring/kinds.ts'
import { navigate } from '../app/router.ts'
import { othersWith } from '../directory/directory.ts'
import { endOfDay, day } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { api } from '../login/session.ts'
import { AmountField } from '../note/amount-field.tsx'
import { SpanSlider } from '../note/span-slider.tsx'
import { Choices } from '../ui/choices.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Problem } from '../ui/problem.tsx'
import type { FundingKind } from './types.ts'
import { kindWords } from './words.ts'

const text = defineText({
  title: { en: 'Ask for funding', zh: '申请融资' },
  lead: {
    en: 'Nothing moves and nobody is bound: factors see debtor, amount, maturity and confirmation, and quote.',
    zh: '申请不产生任何转移或约束：保理商看到债务人、金额、到期日与确权情况后报价。'
  },
  factors: { en: 'Whom to ask', zh: '询价对象' },
  factorsHint: { en: 'None chosen: every factor may quote.', zh: '不选择则所有保理商均可报价。' },
  kinds: { en: 'What you would accept', zh: '可接受的方式' },
  kindsHint: {
    en: 'Without recourse, the factor bears it when the debtor does not pay.',
    zh: '无追索权：债务人不付款的风险由保理商承担。'
  },
  until: { en: 'Money needed until (UTC day)', zh: '最迟到账日（UTC）' },
  untilHint: {
    en: (maturity: string) => `Empty: until just before maturity, ${maturity}.`,
    zh: (maturity: string) => `留空则为到期日（${maturity}）之前。`
  },
  expires: { en: 'Take quotes until (UTC day)', zh: '报价截止日（UTC）' },
  expiresHint: { en: 'Empty: seven days.', zh: '留空则为七天。' },
  go: { en: 'Ask for quotes', zh: '提交询价' }
})

/** What is asked for: a note that is held. */
export interface Askable {
  noteId: string
  amount: string
  currency: number
  debtor: number
  maturity: number
}

/** Asks chosen factors, or all, for quotes for a part or the whole of a note; leads to the request. */
export function AskDialog({ note, onClose }: { note: Askable; onClose: () => void }) {
  const t = useText(text)
  const kinds = useText(kindWords)
  const total = BigInt(note.amount)
  const [part, setPart] = useState(total)
  const [factors, setFactors] = useState<readonly number[]>([])
  const [wanted, setWanted] = useState<readonly FundingKind[]>(fundingKinds)
  const [until, setUntil] = useState('')
  const [expires, setExpires] = useState('')
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const go = async (): Promise<void> => {
    setError(undefined)
    setBusy(true)
    try {
      const body = {
        noteId: note.noteId,
        amount: part.toString(),
        kinds: [...wanted],
        ...(factors.length === 0 ? {} : { factors: [...factors] }),
        ...(until === '' ? {} : { fundUntil: endOfDay(until) }),
        ...(expires === '' ? {} : { expiresAt: endOfDay(expires) })
      }
      const { requestId } = await api.call('requestFunding', { body })
      onClose()
      navigate(`/app/funding/${requestId}`)
    } catch (failure) {
      setError(failure)
      setBusy(false)
    }
  }
  const others = othersWith('factor').filter(({ participantId }) => participantId !== note.debtor)
  return (
    <Dialog title={t.title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void go()
        }}
      >
        <p class="lead">{t.lead}</p>
        <SpanSlider total={total} part={part} currency={note.currency} onMove={setPart} />
        <AmountField total={total} part={part} currency={note.currency} onChange={setPart} />
        <Choices
          legend={t.factors}
          hint={t.factorsHint}
          options={others.map(({ participantId, name }) => ({ value: participantId, label: name }))}
          chosen={factors}
          onChange={setFactors}
        />
        <Choices
          legend={t.kinds}
          hint={t.kindsHint}
          options={fundingKinds.map((kind) => ({ value: kind, label: kinds[kind] }))}
          chosen={wanted}
          onChange={setWanted}
        />
        <Field label={t.until} hint={t.untilHint(day(note.maturity))}>
          {(attributes) => (
            <input {...attributes} type="date" value={until} onInput={(event) => setUntil(event.currentTarget.value)} />
          )}
        </Field>
        <Field label={t.expires} hint={t.expiresHint}>
          {(attributes) => (
            <input
              {...attributes}
              type="date"
              value={expires}
              onInput={(event) => setExpires(event.currentTarget.value)}
            />
          )}
        </Field>
        <Problem error={error} />
        <button type="submit" class="primary" disabled={isBusy || wanted.length === 0} aria-busy={isBusy}>
          {t.go}
        </button>
      </form>
    </Dialog>
  )
}
