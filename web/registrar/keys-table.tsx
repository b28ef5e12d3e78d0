import type { Standing } from '../../client/operations.generated.ts'
import { defineText, useText } from '../i18n/language.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Hash } from '../ui/hash.tsx'

const text = defineText({
  duty: { en: 'Duty', zh: '职责' },
  maker: { en: 'maker', zh: '经办' },
  checker: { en: 'checker', zh: '复核' },
  key: { en: 'Key', zh: '密钥' },
  quorum: {
    en: (makers: number, checkers: number) =>
      checkers > 0
        ? `${counted(makers, 'maker')} and ${counted(checkers, 'checker')} have to sign.`
        : `${counted(makers, 'maker')} ${makers === 1 ? 'has' : 'have'} to sign.`,
    zh: (makers: number, checkers: number) => `需经办 ${makers} 人、复核 ${checkers} 人签名。`
  }
})

function counted(count: number, duty: string): string {
  return count === 1 ? `1 ${duty}` : `${count} ${duty}s`
}

/** Keys of an account, with how many of each duty have to sign. */
export function KeysTable({
  caption,
  of: { signers, quorum }
}: {
  caption: string
  of: Pick<Standing, 'signers' | 'quorum'>
}) {
  const t = useText(text)
  return (
    <section>
      <DataTable
        caption={caption}
        rows={signers}
        keyOf={({ signer }) => signer}
        columns={[
          { title: t.duty, cell: ({ duty }) => t[duty] },
          { title: t.key, cell: ({ signer }) => <Hash value={signer} /> }
        ]}
      />
      <p>{t.quorum(quorum.makers, quorum.checkers)}</p>
    </section>
  )
}
