import { useState } from 'preact/hooks'
import { Link } from '../app/link.tsx'
import { navigate, path } from '../app/router.ts'
import { moment } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { useLive } from '../live/live.ts'
import { api, may } from '../login/session.ts'
import { DataTable } from '../ui/data-table.tsx'
import { DropZone } from '../ui/drop-zone.tsx'
import { Empty } from '../ui/empty.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { Problem } from '../ui/problem.tsx'
import { CsvMappingForm } from './csv-mapping-form.tsx'
import { dayText } from './entry-text.tsx'
import type { Statement } from './load.ts'
import { checkWords } from './words.ts'

const text = defineText({
  title: { en: 'Bank statements', zh: '银行对账单' },
  lead: {
    en: 'Bring a statement: its entries are read, and matched with the notes that they pay.',
    zh: '上传对账单：系统读取每笔入账，并与其支付的债权凭证匹配。'
  },
  file: {
    en: 'Statement (camt.052, camt.053, camt.054, MT940 or CSV)',
    zh: '对账单（camt.052、053、054、MT940 或 CSV）'
  },
  fileHint: {
    en: 'The same entry counts once, however often it comes. A CSV asks for its columns next.',
    zh: '同一入账无论上传几次只计一次。CSV 文件随后需指定各列。'
  },
  reading: { en: 'Reading and matching …', zh: '读取并匹配中…' },
  caption: { en: 'Statements, newest first', zh: '对账单（最新在前）' },
  when: { en: 'Brought', zh: '上传时间' },
  format: { en: 'Format', zh: '格式' },
  account: { en: 'Account', zh: '账户' },
  day: { en: 'Closing day', zh: '截止日' },
  entries: { en: 'Entries (new)', zh: '入账数（新增）' },
  check: { en: 'Sums', zh: '借贷' },
  none: { en: 'No statements yet', zh: '尚无对账单' },
  noneHint: {
    en: 'Drop the file that your bank system exports. What is certain is matched at once, the rest waits under “Matching”.',
    zh: '拖放银行系统导出的文件。确定的入账立即匹配，其余在“匹配”页等待判断。'
  }
})

/** Brings statements, and lists those of before. */
export function StatementsPage() {
  const t = useText(text)
  const checks = useText(checkWords)
  const live = useLive('statements', (signal) => api.call('listStatements', { limit: '50' }, { signal }))
  const [csv, setCsv] = useState<{ name: string; bytes: Uint8Array }>()
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()

  const send = async (bytes: Uint8Array, mapping?: object): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      const asked = mapping === undefined ? {} : { mapping: JSON.stringify(mapping) }
      const { statementId } = await api.call('uploadStatement', { body: bytes, ...asked })
      // Who went elsewhere meanwhile finds it in the list.
      if (path.value === '/app/bank/statements') navigate(`/app/bank/statements/${statementId}`)
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  const take = async (file: File): Promise<void> => {
    const bytes = new Uint8Array(await file.arrayBuffer())
    const isCsv = /\.csv$/i.test(file.name)
    setError(undefined)
    setCsv(isCsv ? { name: file.name, bytes } : undefined)
    if (!isCsv) await send(bytes)
  }
  return (
    <Page title={t.title} lead={t.lead}>
      {may('propose') && (
        <DropZone label={t.file} hint={t.fileHint} isDisabled={isBusy} onFile={(file) => void take(file)} />
      )}
      {isBusy && <p role="status">{t.reading}</p>}
      {csv && (
        <CsvMappingForm
          key={csv.name}
          name={csv.name}
          bytes={csv.bytes}
          isBusy={isBusy}
          onMapping={(mapping) => void send(csv.bytes, mapping)}
        />
      )}
      <Problem error={error} />
      <Loaded live={live}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t.none}>
              <p>{t.noneHint}</p>
            </Empty>
          ) : (
            <DataTable
              caption={t.caption}
              rows={rowsOf(items)}
              keyOf={({ statementId, index }) => `${statementId} ${index}`}
              columns={[
                {
                  title: t.when,
                  cell: (one) => (
                    <Link to={`/app/bank/statements/${one.statementId}`}>
                      {moment(Date.parse(one.createdAt) / 1000)}
                    </Link>
                  )
                },
                { title: t.format, cell: ({ format }) => format },
                { title: t.account, cell: ({ part }) => `${part.account} ${part.currency}` },
                { title: t.day, cell: ({ part }) => dayText(part.closingDay) },
                { title: t.entries, isNumber: true, cell: ({ part }) => `${part.entries} (${part.fresh})` },
                { title: t.check, cell: ({ part }) => checks[part.check] }
              ]}
            />
          )
        }
      </Loaded>
    </Page>
  )
}

/** A file may have the statements of several accounts. */
function rowsOf(items: readonly Statement[]) {
  return items.flatMap(({ parts, ...one }) => parts.map((part, index) => ({ ...one, part, index })))
}
