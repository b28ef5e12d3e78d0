import { currencyOfNumber } from '../../domain/money/currency.ts'
import { dueWords } from '../funding/words.ts'
import { defineText, useText } from '../i18n/language.ts'
import { Field } from '../ui/field.tsx'
import type { FeeDraft } from './quote-draft.ts'

const text = defineText({
  legend: { en: 'Fees', zh: '费用' },
  none: { en: 'No fee.', zh: '无费用。' },
  add: { en: 'Add a fee', zh: '添加费用' },
  remove: { en: (place: number) => `Remove fee ${place}`, zh: (place: number) => `删除第 ${place} 项费用` },
  kind: { en: (place: number) => `Fee ${place} is`, zh: (place: number) => `第 ${place} 项类型` },
  size: { en: (place: number) => `Size of fee ${place}`, zh: (place: number) => `第 ${place} 项数额` },
  due: { en: (place: number) => `Fee ${place} is due`, zh: (place: number) => `第 ${place} 项收取` },
  flat: { en: (currency: string) => `a sum, ${currency}`, zh: (currency: string) => `固定金额（${currency}）` },
  share: { en: '% of the amount', zh: '金额的百分比' }
})
/** As many as a quote may have. */
const MAX_FEES = 10

interface FeeFieldsProps {
  fees: readonly FeeDraft[]
  currency: number
  error: string | undefined
  onChange: (fees: readonly FeeDraft[]) => void
}

export function FeeFields({ fees, currency, error, onChange }: FeeFieldsProps) {
  const t = useText(text)
  const set = (i: number, part: Partial<FeeDraft>): void => onChange(fees.with(i, { ...fees[i]!, ...part }))
  return (
    <fieldset>
      <legend>{t.legend}</legend>
      {fees.length === 0 && <p class="hint">{t.none}</p>}
      {fees.map((fee, i) => (
        <div class="columns" key={i}>
          <Field label={t.kind(i + 1)}>
            {(attributes) => (
              <select
                {...attributes}
                value={fee.kind}
                onChange={(event) => set(i, { kind: event.currentTarget.value as FeeDraft['kind'] })}
              >
                <option value="flat">{t.flat(currencyOfNumber(currency))}</option>
                <option value="share">{t.share}</option>
              </select>
            )}
          </Field>
          <Field label={t.size(i + 1)}>
            {(attributes) => (
              <input
                {...attributes}
                inputMode="decimal"
                required
                value={fee.size}
                onInput={(event) => set(i, { size: event.currentTarget.value })}
              />
            )}
          </Field>
          <Field label={t.due(i + 1)}>
            {(attributes) => (
              <select
                {...attributes}
                value={fee.due}
                onChange={(event) => set(i, { due: event.currentTarget.value as FeeDraft['due'] })}
              >
                <option value="funding">{dueWords('funding')}</option>
                <option value="maturity">{dueWords('maturity')}</option>
              </select>
            )}
          </Field>
          <div class="field">
            <button type="button" onClick={() => onChange(fees.toSpliced(i, 1))}>
              {t.remove(i + 1)}
            </button>
          </div>
        </div>
      ))}
      {error !== undefined && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      {fees.length < MAX_FEES && (
        <button type="button" onClick={() => onChange([...fees, { kind: 'share', size: '', due: 'funding' }])}>
          {t.add}
        </button>
      )}
    </fieldset>
  )
}
