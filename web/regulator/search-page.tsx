import { useState } from 'preact/hooks'
import type { Output } from '../../client/api.ts'
import { Link } from '../app/link.tsx'
import { navigate } from '../app/router.ts'
import { defineText, useText } from '../i18n/language.ts'
import { useLive } from '../live/live.ts'
import { api, hasRole } from '../login/session.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Download } from '../ui/download.tsx'
import { Empty } from '../ui/empty.tsx'
import { Field } from '../ui/field.tsx'
import { Hash } from '../ui/hash.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { FingerprintCertificate } from './fingerprint-certificate.tsx'
import { listOf } from './outstanding.ts'

const text = defineText({
  title: { en: 'Search', zh: '查询' },
  lead: {
    en: 'By name, participant number, tax or registration number, invoice number, or any id, transaction, fingerprint or digest.',
    zh: '可按名称、参与方编号、税号或注册号、发票号码，或任何编号、交易、指纹、摘要查询。'
  },
  query: { en: 'What you look for', zh: '查询内容' },
  hint: {
    en: 'An invoice number has to be whole: documents are sealed, only a keyed digest of it is kept.',
    zh: '发票号码须完整：单据已密封，仅保存其带密钥摘要。'
  },
  go: { en: 'Search', zh: '查询' },
  caption: { en: 'Found', zh: '查询结果' },
  kind: { en: 'Kind', zh: '类别' },
  what: { en: 'What', zh: '内容' },
  by: { en: 'Found by', zh: '匹配项' },
  id: { en: 'Id', zh: '编号' },
  open: { en: 'Further', zh: '查看' },
  participant: { en: 'Participant', zh: '参与方' },
  receivable: { en: 'Receivable', zh: '应收账款' },
  note: { en: 'Note', zh: '债权凭证' },
  transaction: { en: 'Transaction', zh: '交易' },
  fingerprint: { en: 'Fingerprint', zh: '指纹' },
  document: { en: 'Document', zh: '单据' },
  order: { en: 'Order', zh: '司法指令' },
  leaf: { en: 'Leaf of the evidence log', zh: '存证日志叶' },
  toReceivable: { en: 'Open the receivable', zh: '打开应收账款' },
  toNote: { en: 'Open the note', zh: '打开凭证' },
  owed: { en: (currency: string) => `What it owes in ${currency}`, zh: (currency: string) => `其 ${currency} 应付` },
  evidence: { en: 'Evidence package', zh: '下载存证包' },
  none: { en: 'Nothing is found', zh: '没有结果' },
  noneHint: {
    en: 'Whole ids begin with 0x: a receivable has 48 hex digits, all others 64. Names need two letters.',
    zh: '完整编号以 0x 开头：应收账款为 48 位十六进制，其余为 64 位。名称至少两个字。'
  }
})

type Hit = Output<'search'>['items'][number]

/** Everything that a word could name. */
export function SearchPage({ params }: { params: Record<string, string> }) {
  const t = useText(text)
  const asked = params['q'] ?? ''
  const [typed, setTyped] = useState(asked)
  return (
    <Page title={t.title} lead={t.lead}>
      <form
        role="search"
        onSubmit={(event) => {
          event.preventDefault()
          if (typed.trim() !== '') navigate(`/app/search/${encodeURIComponent(typed.trim())}`)
        }}
      >
        <Field label={t.query} hint={t.hint}>
          {(attributes) => (
            <input
              {...attributes}
              type="search"
              maxLength={200}
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          )}
        </Field>
        <button type="submit" class="primary">
          {t.go}
        </button>
      </form>
      {asked !== '' && <Found q={asked} />}
    </Page>
  )
}

function Found({ q }: { q: string }) {
  const t = useText(text)
  const live = useLive(`search ${q}`, (signal) => api.call('search', { q }, { signal }))
  return (
    <Loaded live={live}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty title={t.none}>
            <p>{t.noneHint}</p>
          </Empty>
        ) : (
          <DataTable
            caption={t.caption}
            rows={items}
            keyOf={({ kind, id }) => `${kind} ${id}`}
            columns={[
              { title: t.kind, cell: ({ kind }) => t[kind] },
              { title: t.what, cell: ({ title }) => title },
              { title: t.by, cell: ({ matched }) => matched },
              { title: t.id, cell: ({ id }) => <Hash value={id} /> },
              { title: t.open, cell: (hit) => <Further hit={hit} /> }
            ]}
          />
        )
      }
    </Loaded>
  )
}

/** Where a hit leads in the console. */
function Further({ hit: { kind, id, receivableId, link } }: { hit: Hit }) {
  const t = useText(text)
  // What is found by another name leads to its receivable.
  const behind = receivableId ?? /^\/v1\/receivables\/(0x[0-9a-f]{48})/.exec(link ?? '')?.[1]
  const isRegulator = hasRole('regulator')
  if (kind === 'note') return <Link to={`/app/notes/${id}`}>{t.toNote}</Link>
  if (kind === 'participant' && isRegulator) {
    return (
      <>
        <Link to={listOf(978, 'debtor', id)}>{t.owed('EUR')}</Link>{' '}
        <Link to={listOf(156, 'debtor', id)}>{t.owed('CNY')}</Link>
      </>
    )
  }
  return (
    <div class="commands">
      {behind !== undefined && <Link to={`/app/receivables/${behind}`}>{t.toReceivable}</Link>}
      {kind === 'fingerprint' && <FingerprintCertificate fingerprint={id} />}
      {kind === 'transaction' && link?.endsWith('/evidence') && (
        <Download
          label={t.evidence}
          fileName={`transaction-${id.slice(2, 14)}.zip`}
          type="application/zip"
          load={() => api.download('getTransactionEvidence', { txHash: id })}
        />
      )}
    </div>
  )
}
