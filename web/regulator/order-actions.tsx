import { useState } from 'preact/hooks'
import type { Note, Receivable } from '../../client/operations.generated.ts'
import { defineText, useText } from '../i18n/language.ts'
import { hasRole, may, session } from '../login/session.ts'
import { shownState } from '../receivable/span-picture.tsx'
import { FreezeDialog, LiftDisputeDialog, UnfreezeDialog } from './order-dialogs.tsx'

const text = defineText({
  actions: { en: 'What an authority can order', zh: '主管机关可下达的指令' },
  freeze: { en: 'Freeze by order', zh: '依文书冻结' },
  unfreeze: { en: 'Lift the freeze by order', zh: '依文书解除冻结' },
  lift: { en: 'Lift the dispute by order', zh: '依文书解除争议' }
})

/** Orders about a note; the api and the contract decide. Nothing for anybody but who proposes for an authority. */
export function NoteOrders({ note, receivable }: { note: Note; receivable: Receivable }) {
  const t = useText(text)
  const [open, setOpen] = useState<'freeze' | 'unfreeze'>()
  const state = shownState(note)
  if (!hasRole('regulator') || !may('propose') || state === 'settled' || state === 'cancelled') return null
  const isOwnFreeze = state === 'frozen' && note.freezeAuthority === session.value?.participantId
  const close = (): void => setOpen(undefined)
  return (
    <div class="commands" role="group" aria-label={t.actions}>
      {state !== 'frozen' && (
        <button type="button" class="primary" onClick={() => setOpen('freeze')}>
          {t.freeze}
        </button>
      )}
      {isOwnFreeze && (
        <button type="button" class="primary" onClick={() => setOpen('unfreeze')}>
          {t.unfreeze}
        </button>
      )}
      {open === 'freeze' && <FreezeDialog note={note} receivable={receivable} onClose={close} />}
      {open === 'unfreeze' && <UnfreezeDialog noteId={note.noteId} onClose={close} />}
    </div>
  )
}

/** The same about a receivable as a whole. */
export function ReceivableOrders({ receivable }: { receivable: Receivable }) {
  const t = useText(text)
  const [isOpen, setOpen] = useState(false)
  if (!hasRole('regulator') || !may('propose') || !receivable.isDisputed || receivable.state !== 'confirmed')
    return null
  return (
    <div class="commands" role="group" aria-label={t.actions}>
      <button type="button" class="primary" onClick={() => setOpen(true)}>
        {t.lift}
      </button>
      {isOpen && <LiftDisputeDialog receivableId={receivable.receivableId} onClose={() => setOpen(false)} />}
    </div>
  )
}
