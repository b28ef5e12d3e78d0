import { useId, useState } from 'preact/hooks'

interface DropZoneProps {
  label: string
  hint?: string
  /** As of an `<input type="file">`. */
  accept?: string
  isDisabled?: boolean
  onFile: (file: File) => void
}

/** Takes one file, dropped or chosen. The input is there for keyboard and screen reader; the area around it is its label. */
export function DropZone({ label, hint, accept, isDisabled = false, onFile }: DropZoneProps) {
  const id = useId()
  const [isOver, setOver] = useState(false)
  const take = (files: FileList | null | undefined) => {
    const [file] = files ?? []
    if (file && !isDisabled) onFile(file)
  }
  return (
    <div
      class={`drop-zone${isOver ? ' over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        take(event.dataTransfer?.files)
      }}
    >
      <label for={id}>{label}</label>
      {hint !== undefined && <p id={`${id}-hint`}>{hint}</p>}
      <input
        id={id}
        type="file"
        disabled={isDisabled}
        {...(accept === undefined ? {} : { accept })}
        {...(hint === undefined ? {} : { 'aria-describedby': `${id}-hint` })}
        onChange={(event) => {
          take(event.currentTarget.files)
          event.currentTarget.value = ''
        }}
      />
    </div>
  )
}
