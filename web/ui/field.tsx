import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

interface Described {
  id: string
  'aria-describedby'?: string
  'aria-invalid'?: true
}

interface FieldProps {
  label: string
  hint?: string | undefined
  error?: string | undefined
  /** The control, with the attributes that tie it to its label, hint and error. */
  children: (attributes: Described) => ComponentChildren
}

/** A labelled control. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId()
  const described = [hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`].filter(Boolean).join(' ')
  const attributes: Described = { id }
  if (described) attributes['aria-describedby'] = described
  if (error !== undefined) attributes['aria-invalid'] = true
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(attributes)}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p class="error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  )
}
