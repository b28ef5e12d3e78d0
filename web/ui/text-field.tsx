import { Field } from './field.tsx'

/** As much as the api takes of a text that people write. */
const LENGTH_MAX = 500

interface TextFieldProps {
  label: string
  hint?: string
  value: string
  isOptional?: boolean
  onValue: (value: string) => void
}

/** A labelled line of text, such as a reason. */
export function TextField({ label, hint, value, isOptional = false, onValue }: TextFieldProps) {
  return (
    <Field label={label} hint={hint}>
      {(attributes) => (
        <input
          {...attributes}
          required={!isOptional}
          maxLength={LENGTH_MAX}
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}
