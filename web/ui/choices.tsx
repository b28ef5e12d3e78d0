import { useId } from 'preact/hooks'

interface ChoicesProps<T extends string | number> {
  legend: string
  hint?: string
  options: readonly { value: T; label: string }[]
  chosen: readonly T[]
  onChange: (chosen: readonly T[]) => void
}

/** Several of a few. */
export function Choices<T extends string | number>({ legend, hint, options, chosen, onChange }: ChoicesProps<T>) {
  const id = useId()
  return (
    <fieldset {...(hint === undefined ? {} : { 'aria-describedby': id })}>
      <legend>{legend}</legend>
      {options.map(({ value, label }) => (
        <label key={value} class="choice">
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={({ currentTarget }) =>
              onChange(currentTarget.checked ? [...chosen, value] : chosen.filter((one) => one !== value))
            }
          />{' '}
          {label}
        </label>
      ))}
      {hint !== undefined && (
        <p class="hint" id={id}>
          {hint}
        </p>
      )}
    </fieldset>
  )
}
