import { Field } from './field.tsx'

interface SecretFieldProps {
  label: string
  hint?: string
  value: string
  /** What a browser's password store may fill in; nothing unless said. */
  autocomplete?: 'current-password' | 'off'
  onValue: (value: string) => void
}

/** A labelled line that nobody reads over a shoulder: a passphrase, an API key. */
export function SecretField({ label, hint, value, autocomplete = 'off', onValue }: SecretFieldProps) {
  return (
    <Field label={label} hint={hint}>
      {(attributes) => (
        <input
          {...attributes}
          type="password"
          autocomplete={autocomplete}
          required
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}
