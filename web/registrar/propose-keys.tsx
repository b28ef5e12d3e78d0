import { useState } from 'preact/hooks'
import { defineText, useText } from '../i18n/language.ts'
import { api, may } from '../login/session.ts'
import { requestSignatures } from '../signing/request.ts'
import { useAct } from '../ui/act.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Problem } from '../ui/problem.tsx'
import { TextField } from '../ui/text-field.tsx'
import { readKeys } from './read-keys.ts'

const text = defineText({
  open: { en: 'Propose other keys', zh: '提议更换密钥' },
  keys: { en: 'Keys, one a line', zh: '密钥（每行一把）' },
  keysHint: {
    en: '“maker 0x…” or “checker 0x…”, as the firm sent them by a letter you have checked.',
    zh: '“maker 0x…”（经办）或“checker 0x…”（复核），以已核实的公函为准。'
  },
  fault: {
    en: (line: number) => `Line ${line} is no duty and key.`,
    zh: (line: number) => `第 ${line} 行不是职责加密钥。`
  },
  makers: { en: 'Makers who have to sign', zh: '须签名的经办人数' },
  checkers: { en: 'Checkers who have to sign', zh: '须签名的复核人数' },
  reason: { en: 'Reason', zh: '理由' },
  go: { en: 'Continue to sign', zh: '继续签署' }
})

/** The dialog in which keys are proposed; what is signed then shows each of them. */
export function ProposeKeys({ participantId }: { participantId: string }) {
  const t = useText(text)
  const [isOpen, setOpen] = useState(false)
  const [keys, setKeys] = useState('')
  const [makers, setMakers] = useState(1)
  const [checkers, setCheckers] = useState(1)
  const [reason, setReason] = useState('')
  const { isBusy, error, run } = useAct()
  const { signers, faults } = readKeys(keys)
  const go = (): Promise<void> =>
    run(async () => {
      const body = { reason, signers, quorum: { makers, checkers } }
      const intent = await api.call('proposeRecovery', { participantId, body })
      setOpen(false)
      await requestSignatures([intent])
    })
  const count = (label: string, value: number, set: (next: number) => void, least: number) => (
    <Field label={label}>
      {(attributes) => (
        <input
          {...attributes}
          type="number"
          required
          min={least}
          max={32}
          value={value}
          onInput={(event) => set(event.currentTarget.valueAsNumber)}
        />
      )}
    </Field>
  )
  if (!may('propose')) return null
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        {t.open}
      </button>
      {isOpen && (
        <Dialog title={t.open} onClose={() => setOpen(false)}>
          <form
            onSubmit={(event) => {
              event.preventDefault()
              void go()
            }}
          >
            <Field label={t.keys} hint={t.keysHint} error={faults[0] && t.fault(faults[0].line)}>
              {(attributes) => (
                <textarea
                  {...attributes}
                  required
                  rows={4}
                  value={keys}
                  onInput={(event) => setKeys(event.currentTarget.value)}
                />
              )}
            </Field>
            {count(t.makers, makers, setMakers, 1)}
            {count(t.checkers, checkers, setCheckers, 0)}
            <TextField label={t.reason} value={reason} onValue={setReason} />
            <Problem error={error} />
            <button type="submit" class="primary" disabled={isBusy || signers.length === 0 || faults.length > 0}>
              {t.go}
            </button>
          </form>
        </Dialog>
      )}
    </>
  )
}
