import { useState } from 'preact/hooks'
import { limitScopes, type LimitScope } from '../../domain/factoring/limits.ts'
import { decimalFromMinor, minorFromDecimal } from '../../domain/money/amount.ts'
import { currencyOfNumber, currencyNumberOf } from '../../domain/money/currency.ts'
import { othersWith } from '../directory/directory.ts'
import { endOfDay } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { touch } from '../live/live.ts'
import { api } from '../login/session.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import type { Limit } from './load.ts'

const text = defineText({
  title: { en: 'Set a limit', zh: '设置额度' },
  scope: { en: 'How much may stand', zh: '适用范围' },
  total: { en: 'in all', zh: '总额' },
  debtor: { en: 'with a debtor', zh: '单一债务人' },
  seller: { en: 'with a seller', zh: '单一卖方' },
  whom: { en: 'Whom', zh: '参与方' },
  choose: { en: 'choose', zh: '请选择' },
  currency: { en: 'Currency (three letters)', zh: '币种（三个字母）' },
  currencyWrong: { en: 'Letters of ISO 4217, such as EUR.', zh: '请输入 ISO 4217 币种代码，如 CNY。' },
  amount: { en: 'Limit', zh: '额度' },
  amountHint: { en: '0: nothing more. Empty: no limit any more.', zh: '0 表示不再受理；留空表示取消额度。' },
  amountWrong: { en: 'Not an amount of this currency.', zh: '不是该币种的有效金额。' },
  expires: { en: 'Until (UTC day)', zh: '有效期至（UTC）' },
  expiresHint: { en: 'After that nothing fits until you set it anew.', zh: '到期后须重新设置，否则不再受理。' },
  save: { en: 'Set the limit', zh: '保存额度' }
})

/** A new limit, or another value of one. */
export function LimitDialog({ limit, onClose }: { limit?: Limit; onClose: () => void }) {
  const t = useText(text)
  const [scope, setScope] = useState<LimitScope>(limit?.scope ?? 'debtor')
  const [whom, setWhom] = useState(String(limit?.participantId ?? ''))
  const [currency, setCurrency] = useState(limit ? currencyOfNumber(limit.currency) : 'EUR')
  const [amount, setAmount] = useState(
    limit && limit.amount !== null ? decimalFromMinor(BigInt(limit.amount), currencyOfNumber(limit.currency)) : ''
  )
  const [expires, setExpires] = useState(
    limit ? new Date(limit.expiresAt * 1000).toISOString().slice(0, 10) : `${new Date().getFullYear() + 1}-12-31`
  )
  const currencyNumber = parsed(() => currencyNumberOf(currency.trim().toUpperCase()))
  const minor =
    amount.trim() === '' ? null : parsed(() => minorFromDecimal(amount.trim(), currency.trim().toUpperCase()))
  const isReady =
    currencyNumber !== undefined && minor !== undefined && expires !== '' && (scope === 'total' || whom !== '')
  const save = async (): Promise<void> => {
    await api.call('setLimit', {
      body: {
        scope,
        ...(scope === 'total' ? {} : { participantId: Number(whom) }),
        currency: currencyNumber!,
        amount: minor === null ? null : String(minor),
        expiresAt: endOfDay(expires)
      }
    })
    touch()
    onClose()
  }
  return (
    <Dialog title={t.title} onClose={onClose}>
      <form onSubmit={(event) => event.preventDefault()}>
        <Field label={t.scope}>
          {(attributes) => (
            <select
              {...attributes}
              value={scope}
              disabled={limit !== undefined}
              onChange={(event) => setScope(event.currentTarget.value as LimitScope)}
            >
              {limitScopes.map((one) => (
                <option key={one} value={one}>
                  {t[one]}
                </option>
              ))}
            </select>
          )}
        </Field>
        {scope !== 'total' && (
          <Field label={t.whom}>
            {(attributes) => (
              <select
                {...attributes}
                required
                value={whom}
                disabled={limit !== undefined}
                onChange={(event) => setWhom(event.currentTarget.value)}
              >
                <option value="">{t.choose}</option>
                {othersWith(...(scope === 'debtor' ? ['debtor'] : ['supplier', 'factor', 'debtor'])).map(
                  ({ participantId, name }) => (
                    <option key={participantId} value={participantId}>
                      {name}
                    </option>
                  )
                )}
              </select>
            )}
          </Field>
        )}
        <Field label={t.currency} error={currencyNumber === undefined ? t.currencyWrong : undefined}>
          {(attributes) => (
            <input
              {...attributes}
              required
              maxLength={3}
              value={currency}
              disabled={limit !== undefined}
              onInput={(event) => setCurrency(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label={t.amount} hint={t.amountHint} error={minor === undefined ? t.amountWrong : undefined}>
          {(attributes) => (
            <input
              {...attributes}
              inputMode="decimal"
              value={amount}
              onInput={(event) => setAmount(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label={t.expires} hint={t.expiresHint}>
          {(attributes) => (
            <input
              {...attributes}
              type="date"
              required
              value={expires}
              onInput={(event) => setExpires(event.currentTarget.value)}
            />
          )}
        </Field>
        <ActionButton label={t.save} isPrimary isDisabled={!isReady} act={save} />
      </form>
    </Dialog>
  )
}

function parsed<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
