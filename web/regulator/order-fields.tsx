import { useState } from 'preact/hooks'
import { defineText, useText } from '../i18n/language.ts'
import { api } from '../login/session.ts'
import { DropZone } from '../ui/drop-zone.tsx'
import { Field } from '../ui/field.tsx'

const text = defineText({
  reference: { en: 'Reference of the order', zh: '文书编号' },
  court: { en: 'Court or authority', zh: '法院或机关' },
  file: { en: 'Document of the order (PDF)', zh: '文书文件（PDF）' },
  fileHint: {
    en: 'Sealed to the authorities and recorded; the chain sees a commitment to it, the parties its digest.',
    zh: '密封给主管机关并存证；链上仅见其承诺值，各方可见其摘要。'
  },
  chosen: { en: (name: string) => `Chosen: ${name}`, zh: (name: string) => `已选：${name}` },
  missing: { en: 'Choose the document of the order first.', zh: '请先选择文书文件。' }
})

export interface OrderDraft {
  reference: string
  court: string
  file: File | undefined
}

export const emptyOrder: OrderDraft = { reference: '', court: '', file: undefined }

/** Brings the file of the order, and names the order as commands do. */
export async function bringOrder({ reference, court, file }: OrderDraft) {
  if (!file) throw new Error(text().missing)
  const { sha256 } = await api.call('createOrder', { body: new Uint8Array(await file.arrayBuffer()) })
  return { order: reference, court, document: sha256 }
}

/** By what an authority acts: reference, court and file. */
export function OrderFields({ order, onChange }: { order: OrderDraft; onChange: (order: OrderDraft) => void }) {
  const t = useText(text)
  const [name, setName] = useState('')
  return (
    <>
      <Field label={t.reference}>
        {(attributes) => (
          <input
            {...attributes}
            required
            maxLength={200}
            value={order.reference}
            onInput={(event) => onChange({ ...order, reference: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={t.court}>
        {(attributes) => (
          <input
            {...attributes}
            required
            maxLength={200}
            value={order.court}
            onInput={(event) => onChange({ ...order, court: event.currentTarget.value })}
          />
        )}
      </Field>
      <DropZone
        label={t.file}
        hint={t.fileHint}
        accept=".pdf,application/pdf"
        onFile={(file) => {
          setName(file.name)
          onChange({ ...order, file })
        }}
      />
      {name !== '' && (
        <p role="status" class="chosen">
          {t.chosen(name)}
        </p>
      )}
    </>
  )
}
