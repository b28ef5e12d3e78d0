import { useState } from 'preact/hooks'
import { hexlify } from 'ethers'
import type { Intent } from '../../client/operations.generated.ts'
import { commandsOf, type Known } from '../../client/review.ts'
import { sha256 } from '../../domain/crypto/hash.ts'
import type { Command } from '../../domain/intent/commands.ts'
import { orderCommitment } from '../../domain/note/order.ts'
import { receivableIdOfNote, receivableIdToHex } from '../../domain/note/span.ts'
import { defineText, useText } from '../i18n/language.ts'
import { ownKnown } from '../signing/holder.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Problem } from '../ui/problem.tsx'
import { emptyOrder, OrderFields } from './order-fields.tsx'

const text = defineText({
  title: { en: 'Check the document', zh: '核对文书' },
  lead: {
    en: 'Take the order as it lies before you. The page holds it against the bytes that you would sign; nothing is sent.',
    zh: '请以您手中的文书为准。本页将其与待签数据比对，不会上传。'
  },
  go: { en: 'Compare', zh: '比对' },
  same: { en: '✓ What you would sign is by this order', zh: '✓ 待签指令依据的正是此文书' },
  other: {
    en: '✗ What you would sign is by another reference, court or document: do not sign',
    zh: '✗ 待签指令依据的编号、法院或文书不同：请勿签署'
  },
  readOnly: { en: 'Sign in with a key file or a wallet first.', zh: '请先用密钥文件或钱包登录。' },
  noOrder: { en: 'This command is by no order.', zh: '该指令并非依据文书。' }
})

/** What each command that is by an order commits to, and about which receivable. */
function committed(command: Command): { receivableId: string; commitment: string } | undefined {
  switch (command.kind) {
    case 'freeze':
    case 'unfreeze':
      return { receivableId: receivableIdToHex(receivableIdOfNote(command.noteId)), commitment: command.order }
    case 'liftDispute':
      return { receivableId: receivableIdToHex(command.receivableId), commitment: command.reason }
    default:
      return undefined
  }
}

/** For the second person: whether the command is by the order that lies on the table. */
export function OrderCheckDialog({ intent, onClose }: { intent: Intent; onClose: () => void }) {
  const t = useText(text)
  const [order, setOrder] = useState(emptyOrder)
  const [isSame, setSame] = useState<boolean>()
  const [error, setError] = useState<unknown>()
  const known = ownKnown()
  const compare = async (own: Known): Promise<void> => {
    setError(undefined)
    setSame(undefined)
    try {
      const parts = commandsOf(intent, own).flatMap((command) => committed(command) ?? [])
      if (parts.length === 0 || !order.file) throw new Error(t.noOrder)
      const document = hexlify(sha256(new Uint8Array(await order.file.arrayBuffer())))
      const { reference, court } = order
      setSame(
        parts.every((part) => orderCommitment(part.receivableId, { reference, court, document }) === part.commitment)
      )
    } catch (failure) {
      setError(failure)
    }
  }
  return (
    <Dialog title={t.title} onClose={onClose}>
      {known === undefined ? (
        <p>{t.readOnly}</p>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void compare(known)
          }}
        >
          <p>{t.lead}</p>
          <OrderFields
            order={order}
            onChange={(next) => {
              setOrder(next)
              setSame(undefined)
            }}
          />
          <Problem error={error} />
          {isSame !== undefined && (
            <p role="status" class={isSame ? 'chosen' : 'alert'}>
              {isSame ? t.same : t.other}
            </p>
          )}
          <button type="submit" class="primary" disabled={order.file === undefined}>
            {t.go}
          </button>
        </form>
      )}
    </Dialog>
  )
}
