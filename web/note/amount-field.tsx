import { useEffect, useState } from 'preact/hooks'
import { decimalFromMinor, minorFromDecimal } from '../../domain/money/amount.ts'
import { currencyOfNumber } from '../../domain/money/currency.ts'
import { money } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { Field } from '../ui/field.tsx'

const text = defineText({
  label: { en: (currency: string) => `Amount, ${currency}`, zh: (currency: string) => `金额（${currency}）` },
  wrong: { en: (most: string) => `An amount up to ${most}`, zh: (most: string) => `请输入不超过 ${most} 的金额` }
})

interface AmountFieldProps {
  total: bigint
  part: bigint
  currency: number
  onChange: (part: bigint) => void
}

/** The same amount typed, for who knows it to the cent. */
export function AmountField({ total, part, currency, onChange }: AmountFieldProps) {
  const t = useText(text)
  const letters = currencyOfNumber(currency)
  const [typed, setTyped] = useState(decimalFromMinor(part, letters))
  const [isWrong, setWrong] = useState(false)
  useEffect(() => {
    // Only when the bar moved: what is being typed stays as it is.
    if (parse(typed, letters) !== part) setTyped(decimalFromMinor(part, letters))
  }, [part])
  return (
    <Field label={t.label(letters)} error={isWrong ? t.wrong(money(total, currency)) : undefined}>
      {(attributes) => (
        <input
          {...attributes}
          inputMode="decimal"
          required
          value={typed}
          onInput={(event) => {
            const { value } = event.currentTarget
            setTyped(value)
            const minor = parse(value, letters)
            const isRight = minor !== undefined && minor > 0n && minor <= total
            setWrong(!isRight)
            if (isRight) onChange(minor)
          }}
        />
      )}
    </Field>
  )
}

function parse(text: string, currency: string): bigint | undefined {
  try {
    return minorFromDecimal(text.trim().replaceAll(/[,\s]/g, ''), currency)
  } catch {
    return undefined
  }
}
