import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { defineText, useText } from '../i18n/language.ts'

const text = defineText({ close: { en: 'Close', zh: '关闭' } })

interface DialogProps {
  title: string
  onClose: () => void
  /** While true the dialog stays: Escape and the close button do nothing. */
  isBusy?: boolean
  children: ComponentChildren
}

/** The browser's own modal dialog: it keeps the focus inside, closes by Escape and gives the focus back. */
export function Dialog({ title, onClose, isBusy = false, children }: DialogProps) {
  const t = useText(text)
  const titleId = useId()
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = ref.current!
    dialog.showModal()
    return () => dialog.close()
  }, [])
  return (
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault()
        if (!isBusy) onClose()
      }}
    >
      <header class="dialog-head">
        <h2 id={titleId}>{title}</h2>
        <button type="button" class="quiet" disabled={isBusy} onClick={onClose}>
          {t.close}
        </button>
      </header>
      {children}
    </dialog>
  )
}
