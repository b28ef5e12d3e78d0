import { useState } from 'preact/hooks'
import type { Note, Receivable } from '../../client/operations.generated.ts'
import { FinancingActions } from '../book/financing-actions.tsx'
import { AskDialog } from '../funding/ask-dialog.tsx'
import { defineText, useText } from '../i18n/language.ts'
import { chainTime } from '../live/live.ts'
import { api, may, session } from '../login/session.ts'
import { shownState } from '../receivable/span-picture.tsx'
import { CommandButton } from '../signing/command-button.tsx'
import { CreditNoteDialog } from './credit-note-dialog.tsx'
import { TransferDialog } from './transfer-dialog.tsx'

const text = defineText({
  actions: { en: 'What you can do', zh: '可执行操作' },
  accept: { en: 'Accept', zh: '签收' },
  refuse: { en: 'Refuse', zh: '拒收' },
  recall: { en: 'Recall', zh: '撤回' },
  acceptDilution: { en: 'Consent to the credit note', zh: '同意红字冲减' },
  transfer: { en: 'Pay with a part', zh: '拆分转让' },
  creditNote: { en: 'Cancel by credit note', zh: '红字冲减' },
  ask: { en: 'Ask for funding', zh: '申请融资' },
  acceptReturn: { en: 'Repaid: take the note back', zh: '已偿还，收回凭证' },
  unlock: { en: 'Free the lapsed lock', zh: '解除已逾期的锁定' },
  reason: { en: 'Reason', zh: '理由' }
})

interface NoteActionsProps {
  note: Note
  receivable: Receivable
  /** Only what answers an offer, for a cell of a table. */
  isInTable?: boolean
}

/** Commands about a note, for whoever may give them in this state. The api and the contract decide. */
export function NoteActions({ note, receivable, isInTable = false }: NoteActionsProps) {
  const t = useText(text)
  const [open, setOpen] = useState<'transfer' | 'credit-note' | 'funding'>()
  const { noteId, state, purpose } = note
  const me = session.value?.participantId
  const isForMe = state === 'offered' && note.counterparty === me
  const isTransfer = purpose === 'transfer' || purpose === 'trade-transfer'
  const isMine = note.holder === me
  const now = chainTime()
  const standing = standingOf(note)
  const isOpenToMove = may('propose') && !receivable.isDisputed
  const canMove = !isInTable && isMine && shownState(note) === 'live' && receivable.maturity > now
  const isUnsold = receivable.creditor === me && note.tier === 0 && note.assignor === null
  const buttons = [
    isForMe && isTransfer && (
      <CommandButton key="accept" label={t.accept} isPrimary propose={() => api.call('acceptNote', { noteId })} />
    ),
    isForMe && purpose === 'dilution' && (
      <CommandButton
        key="dilute"
        label={t.acceptDilution}
        isPrimary
        propose={() => api.call('acceptDilution', { noteId })}
      />
    ),
    isForMe && (
      <CommandButton
        key="refuse"
        label={t.refuse}
        asks={t.reason}
        propose={(reason) => api.call('refuseNote', { noteId, body: { reason } })}
      />
    ),
    state === 'offered' && isMine && (
      <CommandButton key="recall" label={t.recall} propose={() => api.call('recallNote', { noteId })} />
    ),
    isForMe && purpose === 'return' && (
      <CommandButton
        key="return"
        label={t.acceptReturn}
        isPrimary
        propose={() => api.call('acceptReturn', { noteId })}
      />
    ),
    state === 'locked' && isMine && note.deadline! < now && (
      <CommandButton key="unlock" label={t.unlock} propose={() => api.call('unlockNote', { noteId })} />
    ),
    !isInTable && standing !== undefined && (
      <FinancingActions
        key="financing"
        noteId={noteId}
        standing={standing}
        maturity={receivable.maturity}
        hasRecourse={note.hasRecourse}
      />
    ),
    canMove && isOpenToMove && (
      <button key="transfer" type="button" class="primary" onClick={() => setOpen('transfer')}>
        {t.transfer}
      </button>
    ),
    canMove && isOpenToMove && (
      <button key="funding" type="button" onClick={() => setOpen('funding')}>
        {t.ask}
      </button>
    ),
    canMove && may('propose') && isUnsold && (
      <button key="credit-note" type="button" onClick={() => setOpen('credit-note')}>
        {t.creditNote}
      </button>
    )
  ].filter(Boolean)
  if (buttons.length === 0) return null
  const close = (): void => setOpen(undefined)
  return (
    <div class="commands" role="group" aria-label={t.actions}>
      {buttons}
      {open === 'funding' && <AskDialog note={{ ...receivable, ...note }} onClose={close} />}
      {open === 'transfer' && <TransferDialog note={note} receivable={receivable} onClose={close} />}
      {open === 'credit-note' && <CreditNoteDialog note={note} receivable={receivable} onClose={close} />}
    </div>
  )
}

/** As a position in a factor's book, where it is one. */
function standingOf({ state, counterparty, holder, hasRecourse }: Note): 'locked' | 'pledged' | 'held' | undefined {
  const me = session.value?.participantId
  if ((state === 'locked' || state === 'pledged') && counterparty === me) return state
  return state === 'live' && holder === me && hasRecourse ? 'held' : undefined
}
