import { useState } from 'preact/hooks'
import { directory } from '../directory/directory.ts'
import { ParticipantName } from '../directory/participant-name.tsx'
import { moment, number } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { api } from '../login/session.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Download } from '../ui/download.tsx'
import { Empty } from '../ui/empty.tsx'
import { Field } from '../ui/field.tsx'
import { Hash } from '../ui/hash.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { AgainButton } from './again-button.tsx'
import { useRead } from './use-read.ts'

const text = defineText({
  title: { en: 'Audit trail', zh: '审计轨迹' },
  lead: {
    en: 'Who did what at the registry, as a chain of hashes that is anchored; and everything on chain to take away.',
    zh: '谁在系统中做了什么：哈希相连并锚定；亦可导出链上全部数据。'
  },
  whose: { en: 'Whose entries', zh: '参与方' },
  everybody: { en: 'everybody’s', zh: '全部' },
  caption: { en: 'Entries, newest first', zh: '记录（最新在前）' },
  seq: { en: 'No.', zh: '序号' },
  when: { en: 'When', zh: '时间' },
  who: { en: 'Participant', zh: '参与方' },
  actor: { en: 'By', zh: '凭证' },
  what: { en: 'Operation', zh: '操作' },
  result: { en: 'Result', zh: '结果' },
  hash: { en: 'Hash', zh: '哈希' },
  older: { en: 'Older entries', zh: '更早的记录' },
  newest: { en: 'Newest entries', zh: '最新记录' },
  none: { en: 'No entries', zh: '没有记录' },
  noneHint: { en: 'Choose another participant.', zh: '请选择其他参与方。' },
  exports: { en: 'Exports', zh: '导出' },
  exportsLead: {
    en: 'All that you may see, as of now. CSV opens in spreadsheets, NDJSON goes on from where it broke off.',
    zh: '您可查看的全部数据，以当前为准。CSV 适用于表格软件，NDJSON 可断点续传。'
  },
  receivables: { en: 'Receivables', zh: '应收账款' },
  notes: { en: 'Notes', zh: '债权凭证' },
  events: { en: 'Events on chain', zh: '链上事件' }
})

const datasets = ['receivables', 'notes', 'events'] as const
const formats = ['csv', 'ndjson'] as const

/** The audit log, and downloads of the projection. */
export function AuditPage() {
  const t = useText(text)
  const [participant, setParticipant] = useState('')
  const [after, setAfter] = useState(0)
  const live = useRead(`audit ${participant} ${after}`, (signal) => {
    const whose = participant === '' ? {} : { participant }
    return api.call('listAudit', { order: 'newest', limit: '50', after: String(after), ...whose }, { signal })
  })
  return (
    <Page title={t.title} lead={t.lead} actions={<AgainButton onAgain={live.again} />}>
      <section aria-labelledby="exports-title">
        <h2 id="exports-title">{t.exports}</h2>
        <p class="hint">{t.exportsLead}</p>
        <div class="commands">
          {datasets.flatMap((dataset) =>
            formats.map((format) => (
              <Download
                key={`${dataset} ${format}`}
                label={`${t[dataset]}, ${format.toUpperCase()}`}
                fileName={`${dataset}.${format}`}
                type={format === 'csv' ? 'text/csv' : 'application/x-ndjson'}
                load={() => api.download('exportRows', { dataset, format })}
              />
            ))
          )}
        </div>
      </section>
      <Field label={t.whose}>
        {(attributes) => (
          <select
            {...attributes}
            value={participant}
            onChange={(event) => {
              setParticipant(event.currentTarget.value)
              setAfter(0)
            }}
          >
            <option value="">{t.everybody}</option>
            {directory.value.map(({ participantId, name }) => (
              <option key={participantId} value={participantId}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Loaded live={live}>
        {({ items, next }) =>
          items.length === 0 ? (
            <Empty title={t.none}>
              <p>{t.noneHint}</p>
            </Empty>
          ) : (
            <>
              <DataTable
                caption={t.caption}
                rows={items}
                keyOf={({ seq }) => String(seq)}
                columns={[
                  { title: t.seq, isNumber: true, cell: ({ seq }) => number(seq) },
                  { title: t.when, cell: ({ at }) => moment(Date.parse(at) / 1000) },
                  { title: t.who, cell: ({ participantId }) => <ParticipantName id={participantId} /> },
                  { title: t.actor, cell: ({ actor }) => <code>{actor}</code> },
                  { title: t.what, cell: ({ operation, path }) => <code title={path}>{operation}</code> },
                  { title: t.result, cell: ({ status, code }) => [status, code].filter(Boolean).join(' ') },
                  { title: t.hash, cell: ({ hash }) => <Hash value={hash} /> }
                ]}
              />
              <div class="commands">
                {after !== 0 && (
                  <button type="button" onClick={() => setAfter(0)}>
                    {t.newest}
                  </button>
                )}
                {next !== null && (
                  <button type="button" onClick={() => setAfter(next)}>
                    {t.older}
                  </button>
                )}
              </div>
            </>
          )
        }
      </Loaded>
    </Page>
  )
}
